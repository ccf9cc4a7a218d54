import { describe, it } from 'vitest'
import { frameSourceConformance } from '../src/index.js'
import { sourcesWithBrokenFrames } from './broken-adapters/sources-with-broken-frames.js'
import { sourcesWithBrokenRuns } from './broken-adapters/sources-with-broken-runs.js'
import { sourcesWithBrokenTimes } from './broken-adapters/sources-with-broken-times.js'
import { expectFailures } from './runner/expect-failures.js'

const groups = { times: sourcesWithBrokenTimes, frames: sourcesWithBrokenFrames, runs: sourcesWithBrokenRuns }

describe.each(Object.entries(groups))('broken sources, %s: frameSourceConformance notices one that', (_group, sources) => {
  it.concurrent.each(Object.entries(sources))('%s', async (_name, { create, options, fails }) => {
    // Others run at the same time in this process: what keeps it alive tells nothing of this source.
    const capabilities = { resources: false, ...options?.capabilities }
    await expectFailures(
      (runner) => frameSourceConformance({ ...runner, timeoutMs: 20_000, endWithinMs: 10_000, ...options, create, capabilities }),
      fails,
    )
  })
})
