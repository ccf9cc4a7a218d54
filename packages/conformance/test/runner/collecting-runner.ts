import type { ConformanceRunner } from '../../src/index.js'

export interface TestResult {
  /** Group and title: `time › stamps frames strictly increasing, by at least a microsecond`. */
  readonly title: string
  readonly error: unknown
}

export interface CollectingRunner extends ConformanceRunner {
  /** Titles in the order of registration. */
  readonly titles: readonly string[]
  /** Runs every registered test, one after the other. */
  run(): Promise<readonly TestResult[]>
}

/** The smallest test runner there is: it keeps the tests that a suite registers, and runs them when asked. */
export function createCollectingRunner(): CollectingRunner {
  const path: string[] = []
  const tests: { readonly title: string; readonly body: () => Promise<void> }[] = []
  return {
    get titles() {
      return tests.map(({ title }) => title)
    },
    describe(name, body) {
      path.push(name)
      body()
      path.pop()
    },
    it(title, body) {
      tests.push({ title: [...path.slice(1), title].join(' › '), body })
    },
    async run() {
      const results: TestResult[] = []
      for (const { title, body } of tests) {
        const error = await body().then(
          () => undefined,
          (thrown: unknown) => thrown ?? new Error('rejected with nothing'),
        )
        results.push({ title, error })
      }
      return results
    },
  }
}
