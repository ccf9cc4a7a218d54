import { appendFileSync } from 'node:fs'
import type { TestEvent } from 'node:test/reporters'

/** Where the one who started the machine looks for results: one JSON object a line. */
const resultsFile = process.env.SNAPMINT_V4L2_RESULTS ?? '/dev/null'

const record = (result: Readonly<Record<string, unknown>>) => appendFileSync(resultsFile, `${JSON.stringify(result)}\n`)

function describeError(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
}

/**
 * Tells each test as it ends, to people on the terminal and to the results file. The events that wait for the order in which tests were declared would keep everybody waiting.
 */
export default async function* report(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const told = new Set<string>()
  for await (const event of source) {
    if (event.type !== 'test:complete') continue
    const { name: title, details, skip, todo } = event.data
    // Node.js 20 tells again what is in a suite when that has ended.
    if (told.has(title)) continue
    told.add(title)
    // Of a suite that failed, the tests have told why; one whose own code failed has none to do so.
    if (details.type === 'suite' && (details.passed || /subtests? failed/.test(String(details.error)))) continue
    const status = skip !== undefined || todo !== undefined ? 'skipped' : details.passed ? 'passed' : 'failed'
    record({ title, status })
    yield `${status === 'passed' ? '✓' : '✗'} ${title} (${(details.duration_ms / 1000).toFixed(1)} s)\n`
    if (status === 'failed') yield `${describeError(details.error).replace(/^/gm, '    ')}\n`
  }
  record({ finished: true })
}
