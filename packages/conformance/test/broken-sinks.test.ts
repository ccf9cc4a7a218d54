import { describe, it } from 'vitest'
import { frameSinkConformance } from '../src/index.js'
import { sinksWithBrokenManners, sinksWithBrokenStores } from './broken-adapters/broken-sinks.js'
import { sinkHarness } from './reference/reference-sink.js'
import { expectFailures } from './runner/expect-failures.js'

const groups = { stores: sinksWithBrokenStores, manners: sinksWithBrokenManners }

describe.each(Object.entries(groups))('broken sinks, %s: frameSinkConformance notices one that', (_group, sinks) => {
  it.concurrent.each(Object.entries(sinks))(
    '%s',
    async (_name, { make, options, fails }) => {
      const create = () => sinkHarness(make)
      await expectFailures(
        (runner) => frameSinkConformance({ ...runner, create, timeoutMs: 20_000, largeBytes: 2 ** 21, ...options }),
        fails,
      )
    },
    120_000,
  )
})
