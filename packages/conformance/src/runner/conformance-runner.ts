/**
 * The two functions of a test runner that a suite needs: those of vitest, node:test, mocha and jest all fit.
 * `body` of `it` takes no argument and returns a promise; no hooks, no options and no matchers are used.
 */
export interface ConformanceRunner {
  readonly describe: (name: string, body: () => void) => unknown
  readonly it: (title: string, body: () => Promise<void>) => unknown
}
