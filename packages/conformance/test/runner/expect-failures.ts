import { AssertionError } from 'node:assert/strict'
import { expect } from 'vitest'
import type { ConformanceRunner } from '../../src/index.js'
import { createCollectingRunner } from './collecting-runner.js'

/**
 * Runs a suite and expects exactly these rules to fail, each with a message for a person: an AssertionError, or what the adapter itself threw.
 * @param register registers the suite with the runner that it is given.
 */
export async function expectFailures(register: (runner: ConformanceRunner) => void, expected: readonly string[]): Promise<void> {
  const runner = createCollectingRunner()
  register({ describe: runner.describe, it: runner.it })
  const unknown = expected.filter((title) => !runner.titles.includes(title))
  expect(unknown, 'rules that the suite does not have').toEqual([])
  const results = await runner.run()
  const failed = results.filter(({ error }) => error !== undefined)
  const messages = failed.map(({ title, error }) => `${title}\n    ${error instanceof Error ? error.message : String(error)}`)
  expect(failed.map(({ title }) => title).sort(), messages.join('\n')).toEqual([...expected].sort())
  const assertions = failed.flatMap(({ error }) => (error instanceof AssertionError ? [error.message] : []))
  for (const message of assertions) expect(message, 'a message that says what the contract wants').toMatch(/^.{30,}/)
}
