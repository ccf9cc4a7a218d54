import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readTimeCodeFromJpeg } from '@snapmint/source-sketch'
import { describe, expect, it } from 'vitest'
import { filesBelow, jobFiles, readDelivered, temporaryFolder } from './fixtures/data-folder.js'
import { runQuickstart } from './fixtures/run-quickstart.js'

describe('the quickstart', () => {
  it('delivers its three jobs, each the picture of its moment, and ends by itself with 0', { timeout: 90_000 }, async () => {
    const directory = await temporaryFolder()
    const data = join(directory, 'snapmint-data')
    const { code, stdout, stderr } = await runQuickstart(directory, ['--for', '13s'])

    expect(stderr).toBe('')
    expect(stdout).toContain('Every job was delivered.')
    expect(code).toBe(0)
    const delivered = await readDelivered(data)
    expect(delivered.map(({ id }) => id.replace(/^quickstart-\w+-\d+-/, ''))).toEqual(['3-s-ahead', '5-s-ago', 'now'])
    for (const { picture, captureTime, targetTime, offsetMs } of delivered) {
      expect(Math.abs(readTimeCodeFromJpeg(picture)! - captureTime)).toBeLessThanOrEqual(1)
      expect(offsetMs).toBe(captureTime - targetTime)
    }
    for (const title of ['now', '5 s ago', '3 s ahead']) expect(stdout).toMatch(new RegExp(`✓ ${title}: asked for .*\n.*\\.jpg`))
    // Of a history that was not deep enough yet, the job waited.
    expect(stdout).toContain('… 5 s ago: waits until the history is 5 s deep')
    expect(stdout).toMatch(/jobs \d done, 0 failed, \d waiting/)
    expect(stdout).not.toContain('\x1b')
    for (const folder of ['new', 'claimed', 'failed'] as const) expect(await jobFiles(data, folder)).toEqual([])
  })

  it('stores a checkpoint every five seconds', { timeout: 90_000 }, async () => {
    const directory = await temporaryFolder()
    await runQuickstart(directory, ['--for', '16s', '--data', 'elsewhere'])
    const pictures = await filesBelow(join(directory, 'elsewhere', 'checkpoints'))
    const times = await Promise.all(pictures.map(async (path) => readTimeCodeFromJpeg(await readFile(path))!))
    const [first, second] = times.sort((a, b) => a - b)
    expect(times.length).toBeGreaterThanOrEqual(2)
    // Each is the picture next to a tick.
    expect(Math.round((second! - first!) / 1000)).toBe(5)
  })

  it('ends on time also when its jobs cannot be delivered so soon, says so, and ends with 1', { timeout: 60_000 }, async () => {
    const directory = await temporaryFolder()
    const { code, stdout } = await runQuickstart(directory, ['--for', '1s'])
    expect(code).toBe(1)
    expect(stdout).toContain('✗ 5 s ago: not asked for')
    expect(stdout).toContain('Not every job was delivered.')
    expect(await jobFiles(join(directory, 'snapmint-data'), 'claimed')).toEqual([])
  })

  it('shows how it is used', async () => {
    const { code, stdout } = await runQuickstart(await temporaryFolder(), ['--help'])
    expect(code).toBe(0)
    for (const option of ['--input', '--for', '--data']) expect(stdout).toContain(option)
  })
})
