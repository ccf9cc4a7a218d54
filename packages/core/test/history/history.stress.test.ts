import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { attachHistory, createHistory } from '../../dist/index.js'

const start = (file: string, workerData: object) => new Worker(new URL(`../fixtures/${file}`, import.meta.url), { workerData })

describe('history under threads', () => {
  it('gives no reader a torn frame while one writer overwrites at full speed', async () => {
    const frames = 60_000
    const handle = createHistory({ maxBytes: 2 ** 20, durationMs: 3_600_000 })
    const readers = [
      start('stress-reader.mjs', { handle }),
      start('stress-reader.mjs', { handle }),
      start('stress-reader.mjs', { handle }),
    ]
    const writer = start('stress-writer.mjs', { handle, frames })
    expect(await once(writer, 'message')).toEqual(['done'])
    const results = await Promise.all(
      readers.map(async (reader) => {
        const answer = once(reader, 'message')
        reader.postMessage('stop')
        const [result] = await answer
        await reader.terminate()
        return result as { read: number; torn: number; wrongTime: number }
      }),
    )
    await writer.terminate()
    expect(attachHistory(handle).stats().pushed).toBe(frames)
    for (const { read, torn, wrongTime } of results) {
      expect(read).toBeGreaterThan(0)
      expect({ torn, wrongTime }).toEqual({ torn: 0, wrongTime: 0 })
    }
  })
})
