import { expectObject } from '@snapmint/core/adapter'
import type { ConformanceRunner } from './conformance-runner.js'

/** One sentence of a contract, and the check that an adapter keeps it. */
export interface Rule<Context> {
  /** The rule as a sentence: the title of its test. */
  readonly title: string
  check(context: Context): Promise<void>
}

export interface RuleGroup<Context> {
  readonly name: string
  readonly rules: readonly Rule<Context>[]
}

/**
 * Registers one test for each rule, in groups.
 * @param run opens a context, hands it to the check and tears it down, whatever becomes of the check.
 */
export function registerRules<Context>(
  { describe, it }: ConformanceRunner,
  name: string,
  groups: readonly RuleGroup<Context>[],
  run: (check: (context: Context) => Promise<void>) => Promise<void>,
): void {
  describe(name, () => {
    for (const group of groups) {
      if (group.rules.length === 0) continue
      describe(group.name, () => {
        for (const rule of group.rules) it(rule.title, () => run((context) => rule.check(context)))
      })
    }
  })
}

/** @throws TypeError when `options` lacks a function that every suite needs. */
export function expectSuiteOptions(options: unknown, functions: readonly string[]): void {
  expectObject('options', options)
  for (const key of functions) {
    if (typeof options[key] !== 'function')
      throw new TypeError(`Expected \`${key}\` to be a function, got \`${String(options[key])}\` (${typeof options[key]})`)
  }
}
