import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { cacheDirectory, root } from './root.mjs'
import { runNode } from './run.mjs'
import { testCounts } from './test-counts.mjs'

/**
 * Runs Vitest with its output on the terminal.
 * @param {readonly string[]} args
 */
export async function runVitest(args) {
  const report = join(cacheDirectory, 'test-report.json')
  mkdirSync(cacheDirectory, { recursive: true })
  rmSync(report, { force: true })
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const program = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  const { code } = await runNode(program, ['run', ...reporters, ...args], { show: true })
  return testCounts(report, code)
}
