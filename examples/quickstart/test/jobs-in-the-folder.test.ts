import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { jobFiles, readDelivered, temporaryFolder } from './fixtures/data-folder.js'
import { runQuickstart, startQuickstart } from './fixtures/run-quickstart.js'

describe('jobs in the folder', () => {
  it('serves what was left from a former run, and tells which file was no job', { timeout: 90_000 }, async () => {
    const directory = await temporaryFolder()
    const data = join(directory, 'snapmint-data')
    await mkdir(join(data, 'jobs', 'new'), { recursive: true })
    await writeFile(join(data, 'jobs', 'new', 'left-over.json'), JSON.stringify({ targetTime: Date.now() - 3_600_000 }))
    await writeFile(join(data, 'jobs', 'new', 'scribble.json'), JSON.stringify({ targetTime: 'yesterday' }))
    const { code, stdout } = await runQuickstart(directory, ['--for', '12s'])

    expect(code).toBe(1)
    expect(stdout).toContain('✓ job left-over:')
    expect(stdout).toMatch(/✗ job scribble: .*targetTime/)
    expect(stdout).toContain('4 done, 1 failed')
    expect(await readDelivered(data)).toHaveLength(4)
    const failed = await readFile(join(data, 'jobs', 'failed', 'scribble.json'), 'utf8')
    expect(JSON.parse(failed)).toMatchObject({ error: { code: 'SNAPMINT_JOB_INVALID' } })
  })

  it('serves a job that is dropped in while it runs, and ends with 0 on Ctrl-C', { timeout: 60_000 }, async () => {
    const directory = await temporaryFolder()
    const data = join(directory, 'snapmint-data')
    const running = startQuickstart(directory, [])
    await running.said('✓ now:')
    await writeFile(join(data, 'jobs', 'new', 'mine.json'), JSON.stringify({ targetTime: Date.now() }))
    await running.said('✓ job mine:')
    running.send('SIGINT')
    // A terminal's Ctrl-C comes twice: from the terminal, and passed on by npm.
    running.send('SIGINT')
    const { code, signal, stdout, stderr } = await running.ended
    expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' })
    expect(stdout).toMatch(/Ran .* s: \d+ pictures captured; jobs \d done, 0 failed/)
    // Handed back, not lost, and not left claimed.
    expect(await jobFiles(data, 'claimed')).toEqual([])
  })

  it('shares its folder with another quickstart', { timeout: 120_000 }, async () => {
    const directory = await temporaryFolder()
    const results = await Promise.all([runQuickstart(directory, ['--for', '14s']), runQuickstart(directory, ['--for', '14s'])])
    for (const { code, stdout, stderr } of results) {
      expect(stderr).toBe('')
      expect(stdout.match(/^✓ (now|5 s ago|3 s ahead):/gm)).toHaveLength(3)
      expect(code).toBe(0)
    }
    expect(await readDelivered(join(directory, 'snapmint-data'))).toHaveLength(6)
  })
})
