import { readJson } from './root.mjs'

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/** A file that could not be loaded, or whose hooks failed, has no failed test of its own but counts as one. */
const isBrokenFile = ({ status, assertionResults }) =>
  status === 'failed' && !assertionResults.some((test) => test.status === 'failed')

/**
 * What Vitest's JSON report says. A run that failed without naming a failed test (an unhandled error, no report at all) counts one failure.
 * @param {string} reportFile
 * @param {number} exitCode
 * @returns {Counts}
 */
export function testCounts(reportFile, exitCode) {
  const counts = { passed: 0, failed: 0, skipped: 0 }
  try {
    const report = readJson(reportFile)
    counts.passed = report.numPassedTests
    counts.failed = report.numFailedTests + report.testResults.filter(isBrokenFile).length
    counts.skipped = report.numPendingTests + report.numTodoTests
  } catch {
    counts.failed = 1
  }
  if (exitCode !== 0 && counts.failed === 0) counts.failed = 1
  return counts
}

/** @param {Counts} one @param {Counts} other @returns {Counts} */
export const addCounts = (one, other) => ({
  passed: one.passed + other.passed,
  failed: one.failed + other.failed,
  skipped: one.skipped + other.skipped,
})

/** @param {Counts} counts */
export const summaryLine = ({ passed, failed, skipped }) => `${passed} passed, ${failed} failed, ${skipped} skipped`
