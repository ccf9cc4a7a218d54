import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { type HoldStore, openHoldStore } from '../../src/holds/hold-store.js'
import { cleanUpAfterEach, temporaryFolder } from '../builtin/temporary-folder.js'
import { killOwner, never, picturesIn, recordEvents, snapshot, wants } from './support.js'

cleanUpAfterEach()

const jobId = fc.constantFrom('a', 'b', 'c', 'd')
const route = fc.constantFrom('r', 's')
const moment = fc.integer({ min: 1, max: 6 })
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('hold' as const), route, jobs: fc.uniqueArray(jobId, { minLength: 1 }), moment }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('settle' as const), route, jobId }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('retry' as const), route, jobId }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('claim' as const), route, jobId, moment }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('kill' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('stop' as const) }) },
)

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** What is held, by route, job and moment: the captureTime of the picture. */
type Model = Map<string, number>
const keyOf = (route: string, id: string, moment: number) => `${route} ${id} ${moment}`

async function play(steps: readonly Step[]): Promise<void> {
  const directory = temporaryFolder()
  const { emit, failed } = recordEvents()
  const opened: HoldStore[] = []
  const open = async () => {
    const store = await openHoldStore({ directory, fsync: false }, emit, never)
    opened.push(store)
    return store
  }
  let store = await open()
  const model: Model = new Map()
  let captureTime = 1000
  async function hold(route: string, jobs: readonly string[], moment: number): Promise<void> {
    const holds = store.route(route)
    const picture = (await holds.keep(await snapshot(++captureTime)))!
    await holds.record(
      jobs.map((jobId) => ({ jobId, request: wants(moment) })),
      picture,
    )
    for (const id of jobs) model.set(keyOf(route, id, moment), captureTime)
  }
  for (const item of steps) {
    if (item.kind === 'kill' || item.kind === 'stop') {
      // A kill may lose what nobody waits for, that a job was settled: here it does not, so that the model is exact.
      if (item.kind === 'kill') await hold('t', ['e'], 1)
      if (item.kind === 'stop') await store.close()
      else killOwner(directory)
      store = await open()
    } else if (item.kind === 'hold') {
      await hold(item.route, item.jobs, item.moment)
    } else if (item.kind === 'claim') {
      store.route(item.route).claimed(item.jobId, [wants(item.moment)])
      for (const key of [...model.keys()]) {
        if (key.startsWith(`${item.route} ${item.jobId} `) && key !== keyOf(item.route, item.jobId, item.moment))
          model.delete(key)
      }
    } else {
      store.route(item.route).left(item.jobId, item.kind === 'settle')
      if (item.kind === 'settle')
        for (const key of [...model.keys()]) if (key.startsWith(`${item.route} ${item.jobId} `)) model.delete(key)
    }
    await check(store, model)
  }
  await store.close()
  expect(picturesIn(directory)).toHaveLength(new Set(model.values()).size)
  for (const old of opened) await old.close()
  expect(failed).toEqual([])
}

async function check(store: HoldStore, model: Model): Promise<void> {
  for (const name of ['r', 's']) {
    for (const id of ['a', 'b', 'c', 'd']) {
      for (let moment = 1; moment <= 6; moment++) {
        const picture = store.route(name).find(id, wants(moment))
        expect(picture?.captureTime).toBe(model.get(keyOf(name, id, moment)))
        if (picture !== undefined) expect((await store.route(name).read(picture)).captureTime).toBe(picture.captureTime)
      }
    }
  }
}

it('agrees with a plain map over holds, settles, retries, changed jobs, kills and stops', async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 25 }), play), { numRuns: 40 })
}, 120_000)
