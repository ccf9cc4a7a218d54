import { createHash } from 'node:crypto'
import { createPipeline, type Frame, memoryJobs } from '@snapmint/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createGcsDouble, type Fault, type GcsDouble } from './double/gcs-double.js'
import { refusal } from './double/refusal.js'
import { doubleSink } from './fixtures/double-sink.js'
import { makeBytes } from './fixtures/make-picture.js'

let double: GcsDouble

beforeEach(async () => {
  double = await createGcsDouble()
})

afterEach(() => double.close())

/** Repeatable chance: xorshift32 of a seed that a failing test shows. */
function chance(seed: number) {
  let state = seed | 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}

const faults: readonly Fault[] = [
  refusal(503, 'backendError', 'Slow down.', { headers: { 'retry-after': '0.005' } }),
  refusal(429, 'rateLimitExceeded'),
  refusal(500, 'internalError'),
  'reset',
  'reset-mid-body',
  'damage',
  'answer-lost',
  'answer-truncated',
  'hang',
]

const chunkBytes = 256 * 1024
const frameCount = 40
const firstTime = Date.now() - 60_000

/** Small pictures, and every tenth one that goes in chunks. */
const frames: readonly Frame[] = Array.from({ length: frameCount }, (_item, index) => ({
  mimeType: 'image/jpeg' as const,
  captureTime: firstTime + index * 100,
  data: makeBytes(index % 10 === 0 ? 3 * chunkBytes + index : 20_000 + index, index),
}))

function frameSource() {
  return {
    specVersion: 1 as const,
    adapter: 'list',
    async *frames({ signal }: { readonly signal: AbortSignal }) {
      yield* frames
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
    },
  }
}

describe('a pipeline over a store that fails', () => {
  it.each([
    ['puts objects', {}],
    ['only creates objects, and reads them back', { createOnly: true, verify: true }],
  ])(
    'does every job once and keeps whole objects only when 30 %% of requests fail, and it %s',
    async (_how, options) => {
      const random = chance(20_261_121)
      let failed = 0
      double.setFault(() => {
        if (random() >= 0.3) return undefined
        failed += 1
        return faults[Math.floor(random() * faults.length)]
      })
      const jobs = memoryJobs()
      const settled: string[] = []
      const counted = {
        ...jobs,
        settle: (...[outcomes, context]: Parameters<typeof jobs.settle>) => {
          settled.push(...outcomes.map(({ id, status }) => `${id} ${status}`))
          return jobs.settle(outcomes, context)
        },
      }
      const wantedJobs = frames.flatMap((frame, index) =>
        Array.from({ length: 1 + (index % 3) }, (_item, copy) => ({ id: `${index}-${copy}`, ...frame })),
      )
      for (const { id, captureTime } of wantedJobs) jobs.add({ targetTime: captureTime }, { id })
      const sink = doubleSink(double, { timeoutMs: 1000, resumable: { thresholdBytes: chunkBytes, chunkBytes }, ...options })
      const pipeline = createPipeline({
        sources: { easel: frameSource() },
        history: { durationMs: 600_000, maxBytes: 32 * 2 ** 20 },
        routes: [{ jobs: counted, sinks: [sink], put: { initialDelayMs: 5, maxDelayMs: 40, maxAttempts: 100 } }],
      })
      await pipeline.start()
      const outcomes = await Promise.all(wantedJobs.map(({ id }) => jobs.outcome(id)))
      await pipeline.stop()

      expect(failed).toBeGreaterThan(20)
      const wanted = new Map(frames.map(({ captureTime, data }) => [`pictures/easel/${captureTime}.jpg`, data]))
      expect([...double.objects.keys()].sort()).toEqual([...wanted.keys()].sort())
      for (const [path, data] of wanted) expect(Buffer.compare(double.objects.get(path)!.data, data), path).toBe(0)
      if ('createOnly' in options) expect(double.counts.stored).toBe(frameCount)
      expect(settled.sort()).toEqual(wantedJobs.map(({ id }) => `${id} done`).sort())
      for (const [index, { captureTime, data }] of wantedJobs.entries()) {
        const sha256 = createHash('sha256').update(data).digest('hex')
        const delivered = { captureTime, sha256, uris: [`gs://pictures/easel/${captureTime}.jpg`] }
        expect(outcomes[index]).toMatchObject({ status: 'done', receipt: { frames: [delivered] } })
      }
    },
    120_000,
  )
})
