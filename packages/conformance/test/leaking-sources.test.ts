import { createServer } from 'node:net'
import type { FrameSource } from '@snapmint/core/adapter'
import { describe, it } from 'vitest'
import { frameSourceConformance } from '../src/index.js'
import { referenceSource } from './reference/reference-source.js'
import { expectFailures } from './runner/expect-failures.js'

const before = 'before a run › opens nothing before the first next()'
const alive = 'the next run › leaves no timer, socket or process alive when a run has ended'

describe('leaking sources: frameSourceConformance notices one that', () => {
  it('starts a timer when it is made', async () => {
    const timers: NodeJS.Timeout[] = []
    const create = () => {
      timers.push(setInterval(() => {}, 1000))
      return referenceSource()
    }
    await expectFailures(
      (runner) => frameSourceConformance({ ...runner, create, timeoutMs: 20_000, endWithinMs: 1000 }),
      [before, alive],
    )
    timers.forEach(clearInterval)
  })

  it('leaves a timer alive when a run has ended', async () => {
    const timers: NodeJS.Timeout[] = []
    const create = (): FrameSource => ({
      ...referenceSource(),
      async *frames(context) {
        timers.push(setInterval(() => {}, 1000))
        yield* referenceSource().frames(context)
      },
    })
    await expectFailures((runner) => frameSourceConformance({ ...runner, create, timeoutMs: 20_000, endWithinMs: 1000 }), [alive])
    timers.forEach(clearInterval)
  })

  it('leaves a server listening when a run has ended', async () => {
    const servers: ReturnType<typeof createServer>[] = []
    const create = (): FrameSource => ({
      ...referenceSource(),
      async *frames(context) {
        const server = createServer()
        servers.push(server)
        await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
        yield* referenceSource().frames(context)
      },
    })
    await expectFailures((runner) => frameSourceConformance({ ...runner, create, timeoutMs: 20_000, endWithinMs: 1000 }), [alive])
    for (const server of servers) server.close()
  })
})
