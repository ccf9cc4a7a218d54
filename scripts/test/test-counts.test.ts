import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { addCounts, summaryLine, testCounts } from '../lib/test-counts.mjs'

function reportWith(content: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'snapmint-report-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  writeFileSync(join(directory, 'report.json'), content)
  return join(directory, 'report.json')
}

const report = (counts: object, testResults: readonly object[] = []) =>
  reportWith(
    JSON.stringify({ numPassedTests: 5, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults, ...counts }),
  )

describe('testCounts', () => {
  it('counts what passed, what failed and what was left out in either way', () => {
    const counts = testCounts(report({ numFailedTests: 2, numPendingTests: 3, numTodoTests: 1 }), 1)
    expect(counts).toEqual({ passed: 5, failed: 2, skipped: 4 })
    expect(summaryLine(counts)).toBe('5 passed, 2 failed, 4 skipped')
  })

  it('counts a file that could not be loaded as one failure', () => {
    const broken = { status: 'failed', assertionResults: [] }
    const failed = { status: 'failed', assertionResults: [{ status: 'failed' }] }
    expect(testCounts(report({ numFailedTests: 1 }, [broken, failed]), 1).failed).toBe(2)
  })

  it('counts a run that failed without a failed test, or left no report, as one failure', () => {
    expect(testCounts(report({}), 1).failed).toBe(1)
    expect(testCounts(reportWith('{ cut sho'), 0)).toEqual({ passed: 0, failed: 1, skipped: 0 })
    expect(testCounts(join(tmpdir(), 'snapmint-no-such-report.json'), 0).failed).toBe(1)
  })
})

describe('addCounts', () => {
  it('adds each kind to its own', () => {
    expect(addCounts({ passed: 1, failed: 2, skipped: 3 }, { passed: 10, failed: 20, skipped: 30 })).toEqual({
      passed: 11,
      failed: 22,
      skipped: 33,
    })
  })
})
