import { createPipeline, type Frame, memoryJobs } from '@snapmint/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ipfsSink } from '../src/ipfs-sink.js'
import type { IpfsDirectory, IpfsSinkOptions } from '../src/ipfs-sink-options.js'
import { createIpfsDouble, type Fault, type IpfsDouble, refusal } from './double/ipfs-double.js'
import { createPinningDouble, type PinningDouble } from './double/pinning-double.js'
import { makeBytes } from './fixtures/make-picture.js'
import { rawCid } from './fixtures/reference-cid.js'

let double: IpfsDouble
let service: PinningDouble

beforeEach(async () => {
  double = await createIpfsDouble()
  service = await createPinningDouble()
})

afterEach(() => Promise.all([double.close(), service.close()]))

/** Repeatable chance: xorshift32 of a seed that a failing test shows. */
function chance(seed: number) {
  let state = seed | 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}

const faults: readonly Fault[] = [
  refusal(503, 'busy', { 'retry-after': '0' }),
  refusal(500, 'lock'),
  refusal(500, 'no space left on device'),
  'reset',
  'reset-mid-body',
  'answer-lost',
  'answer-truncated',
  'wrong-cid',
  'damaged',
  'unpinned',
  'hang',
]

const firstTime = Date.now() - 60_000
const frames: readonly Frame[] = Array.from({ length: 40 }, (_item, index) => ({
  mimeType: 'image/jpeg' as const,
  captureTime: firstTime + index * 100,
  data: makeBytes(20_000 + index, index),
}))

const source = {
  specVersion: 1 as const,
  adapter: 'list',
  async *frames({ signal }: { readonly signal: AbortSignal }) {
    yield* frames
    await new Promise((resolve) => signal.addEventListener('abort', resolve))
  },
}

/** Pictures have one, two or three jobs, in turn; every one must be done once. */
async function runPipeline(options: Partial<IpfsSinkOptions>) {
  const jobs = memoryJobs()
  const settled: string[] = []
  const counted = {
    ...jobs,
    settle: (...[outcomes, context]: Parameters<typeof jobs.settle>) => {
      settled.push(...outcomes.map(({ id, status }) => `${id} ${status}`))
      return jobs.settle(outcomes, context)
    },
  }
  const wanted = frames.flatMap((frame, index) =>
    Array.from({ length: 1 + (index % 3) }, (_item, copy) => ({ id: `${index}-${copy}`, ...frame })),
  )
  for (const { id, captureTime } of wanted) jobs.add({ targetTime: captureTime }, { id })
  const pinningServices = [{ endpoint: service.endpoint, token: service.token, pollMs: 1, maxRepins: 0 }]
  const sink = ipfsSink({ url: double.url, timeoutMs: 400, verify: true, pinningServices, ...options })
  const pipeline = createPipeline({
    sources: { easel: source },
    history: { durationMs: 600_000, maxBytes: 64 * 2 ** 20 },
    routes: [{ jobs: counted, sinks: [sink], put: { initialDelayMs: 5, maxDelayMs: 40, maxAttempts: 100 } }],
  })
  await pipeline.start()
  const outcomes = await Promise.all(wanted.map(({ id }) => jobs.outcome(id)))
  await pipeline.stop()
  const failures = outcomes.flatMap((outcome) => (outcome.status === 'done' ? [] : [JSON.stringify(outcome)]))
  expect(failures).toEqual([])
  expect(settled.sort()).toEqual(wanted.map(({ id }) => `${id} done`).sort())
  return outcomes.map((outcome, index) => {
    if (outcome.status !== 'done') throw new Error(`${wanted[index]!.id} is ${outcome.status}`)
    return { frame: wanted[index]!, uri: outcome.receipt.frames[0]!.uris[0]! }
  })
}

function fail(random: () => number) {
  let failed = 0
  double.setFault(({ command }, bodies) => {
    // Once for each request, before its body is read.
    if (bodies.length > 0 || random() >= (command === 'id' ? 0 : 0.15)) return undefined
    failed += 1
    return faults[Math.floor(random() * faults.length)]
  })
  service.control.states = () => (random() < 0.3 ? ['pinning', 'failed'] : ['queued', 'pinned'])
  service.control.fault = () => (random() < 0.1 ? { status: 503 } : undefined)
  return () => failed
}

describe('a pipeline over a node and a service that fail', () => {
  it('does every job once, and every picture is pinned at both, when it stores them singly', async () => {
    const failed = fail(chance(20_261_121))
    const done = await runPipeline({ mfsPath: '/snapmint/{key}' })
    expect(failed()).toBeGreaterThan(15)
    for (const { frame, uri } of done) {
      const cid = rawCid(frame.data!)
      expect(uri).toBe(`ipfs://${cid}`)
      expect(double.pins.has(cid)).toBe(true)
      expect(double.names.get(`/snapmint/easel/${frame.captureTime}.jpg`)).toBe(cid)
      expect([...service.pins.values()].some(({ pin, states }) => pin.cid === cid && states[0] === 'pinned')).toBe(true)
    }
    expect(double.names.size).toBe(frames.length)
    expect(service.pins.size).toBe(frames.length)
  }, 120_000)

  it('does every job once, and every folder is pinned at both and told, when it stores folders', async () => {
    const failed = fail(chance(77))
    const told: IpfsDirectory[] = []
    const done = await runPipeline({
      directory: { maxPictures: 8, maxWaitMs: 30 },
      onDirectory: (directory) => told.push(directory),
    })
    expect(failed()).toBeGreaterThan(2)
    for (const { frame, uri } of done) {
      expect(Buffer.compare(double.read(uri), frame.data!)).toBe(0)
      const [, root, index] = /^ipfs:\/\/(\w+)\/(\d+)$/.exec(uri)!
      expect(double.pins.has(root!)).toBe(true)
      expect(told.find(({ cid }) => cid === root)?.pictures[Number(index)]).toMatchObject({ captureTime: frame.captureTime })
      expect([...service.pins.values()].some(({ pin, states }) => pin.cid === root && states[0] === 'pinned')).toBe(true)
    }
  }, 120_000)
})
