import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { readResults } from '../v4l2/read-results.mjs'

function resultsWith(...lines: readonly string[]): string {
  const directory = mkdtempSync(join(tmpdir(), 'snapmint-results-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  writeFileSync(join(directory, 'results.jsonl'), lines.join('\n'))
  return join(directory, 'results.jsonl')
}

const passed = '{"title":"camera › works","status":"passed"}'
const failed = '{"title":"camera › breaks","status":"failed"}'
const finished = '{"finished":true}'

describe('readResults', () => {
  it('counts what the tests inside the machine came to, and names those that failed', () => {
    const skipped = '{"title":"camera › waits","status":"skipped"}'
    expect(readResults(resultsWith(passed, failed, passed, skipped, finished, ''))).toEqual({
      counts: { passed: 2, failed: 1, skipped: 1 },
      finished: true,
      failed: ['camera › breaks'],
    })
  })

  it('counts one more failure when the machine broke off, be it within a line', () => {
    const { counts, finished: complete } = readResults(resultsWith(passed, '{"title":"cam'))
    expect(counts).toEqual({ passed: 1, failed: 1, skipped: 0 })
    expect(complete).toBe(false)
  })

  it('counts a failure that only the exit code tells', () => {
    expect(readResults(resultsWith(passed, finished), 1).counts).toEqual({ passed: 1, failed: 1, skipped: 0 })
    expect(readResults(resultsWith(failed, finished), 1).counts).toEqual({ passed: 0, failed: 1, skipped: 0 })
  })

  it('counts a failure when no test has run', () => {
    expect(readResults(resultsWith(finished)).counts.failed).toBe(1)
    expect(readResults('/no/such/file').counts).toEqual({ passed: 0, failed: 1, skipped: 0 })
  })
})
