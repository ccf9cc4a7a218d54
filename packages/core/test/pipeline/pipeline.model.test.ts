import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { createPipeline } from '../../src/index.js'
import { createDice, faultyJobs, faultySink, faultySource } from '../fixtures/faulty-adapters.js'

const SEEDS = 40
const AT_ONCE = 5
const JOBS = 60

/** Runs one pipeline of faulty parts for about a second, stops it, and answers what core did wrong. */
async function run(
  seed: number,
): Promise<{ readonly faults: readonly string[]; readonly claimed: number; readonly done: number }> {
  const dice = createDice(seed)
  const faults: string[] = []
  const complain = (what: string) => void faults.push(`seed ${seed}: ${what}`)
  const stored = new Set<string>()
  const sinks = [faultySink('one', dice, stored, complain), faultySink('two', dice, stored, complain)]
  const jobs = faultyJobs(dice, stored, sinks.length, complain)
  const upTo = (most: number) => 1 + Math.floor(dice() * most)
  const pipeline = createPipeline({
    sources: { a: faultySource(dice), b: faultySource(dice) },
    history: { durationMs: 400, maxBytes: 2 ** 18 },
    capture: { stallMs: 300, restart: { initialMs: 5, maxMs: 20 } },
    random: dice,
    routes: [
      {
        name: 'r',
        jobs,
        sinks,
        leaseMs: 150,
        waitMs: 200,
        maxInFlight: upTo(30),
        maxWaiting: upTo(10),
        claimMax: upTo(20),
        maxBytesInFlight: 20_000,
        put: { maxAttempts: 3, timeoutMs: 60, initialDelayMs: 2, maxDelayMs: 10 },
      },
    ],
  })
  const told = new Set<string>()
  pipeline.on('job:settled', ({ outcome: { token } }) => {
    if (told.has(token)) complain(`job:settled twice for ${token}`)
    told.add(token)
  })
  if (dice.chance(0.2)) {
    pipeline.on('put:stored', () => {
      throw new Error('a listener broke')
    })
  }
  const ledger = () => pipeline.status().routes.r
  const audit = () => {
    const figures = ledger()
    if (figures === undefined) return
    const { claimed, done, failed, retried, inFlight, waiting, heldBytes } = figures
    if (claimed !== done + failed + retried + inFlight) complain(`the ledger does not add up: ${JSON.stringify(figures)}`)
    if (heldBytes < 0 || waiting > inFlight) complain(`impossible figures: ${JSON.stringify(figures)}`)
  }
  const auditor = setInterval(audit, 2)
  await pipeline.start()
  const now = pipeline.now()
  for (let n = 0; n < JOBS; n++) {
    jobs.add(`j${n}`, { targetTime: now - 200 + dice() * 700, ...(dice.chance(0.7) && { source: dice.chance(0.5) ? 'a' : 'b' }) })
  }
  await sleep(200 + dice() * 900)
  await pipeline.stop({ drainTimeoutMs: dice() * 300 })
  clearInterval(auditor)
  jobs.end()
  audit()
  const { claimed, done, inFlight, waiting, heldBytes } = ledger()!
  if (inFlight + waiting + heldBytes !== 0) complain(`left after stop: ${JSON.stringify(ledger())}`)
  return { faults, claimed, done }
}

describe('a pipeline of faulty parts', () => {
  it('gives each claim one outcome, stores before it says so, keeps its ledger, and leaves nothing behind', async () => {
    const unhandled: unknown[] = []
    const onUnhandled = (reason: unknown) => unhandled.push(reason)
    process.on('unhandledRejection', onUnhandled)
    const first = Date.now() % 1_000_000
    const seeds = Array.from({ length: SEEDS }, (_, n) => first + n)
    const runs: Awaited<ReturnType<typeof run>>[] = []
    const worker = async () => {
      for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) runs.push(await run(seed))
    }
    await Promise.all(Array.from({ length: AT_ONCE }, worker))
    await sleep(50)
    process.off('unhandledRejection', onUnhandled)
    expect(runs.flatMap(({ faults }) => faults)).toEqual([])
    expect(unhandled).toEqual([])
    // Not a quiet run: the faults left plenty of work to be done.
    expect(runs.reduce((sum, { claimed }) => sum + claimed, 0)).toBeGreaterThan(SEEDS * 10)
    expect(runs.reduce((sum, { done }) => sum + done, 0)).toBeGreaterThan(SEEDS)
  }, 120_000)
})
