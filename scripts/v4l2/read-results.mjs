import { readFileSync } from 'node:fs'

/**
 * Counts what the reporter inside the machine has written: one JSON object a line, the last of which says that all tests have run. What broke off counts as one failure.
 * @param {string} file
 * @param {number} [exitCode] of the program inside: a failure that no test tells (of a hook, say) counts as one too
 * @returns {{ counts: import('../lib/test-counts.mjs').Counts, finished: boolean, failed: readonly string[] }} `failed`: titles
 */
export function readResults(file, exitCode = 0) {
  const counts = { passed: 0, failed: 0, skipped: 0 }
  const failed = []
  let finished = false
  for (const line of linesOf(file)) {
    let result
    try {
      result = JSON.parse(line)
    } catch {
      continue // cut off when the machine was
    }
    if (result.finished === true) finished = true
    else if (result.status in counts) counts[result.status]++
    if (result.status === 'failed') failed.push(result.title)
  }
  const untold = exitCode !== 0 && counts.failed === 0
  const broken = !finished || untold || counts.passed + counts.failed + counts.skipped === 0
  if (broken) counts.failed++
  return { counts, finished: !broken, failed }
}

function linesOf(file) {
  try {
    return readFileSync(file, 'utf8').split('\n')
  } catch {
    return [] // it did not come so far
  }
}
