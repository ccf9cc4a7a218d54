import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { createPipeline, memoryJobs, memorySink } from '@snapmint/core'
import { describe, expect, it } from 'vitest'
import { readTimeCodeFromJpeg, sketchSource } from '../dist/index.js'

const JOBS = 2_000
const PAST_MS = 3_000
const AHEAD_MS = 3_000

/** A thread that computes without a pause: the machine is busy. */
const burn = 'for (;;) Math.sqrt(Math.random())'

/** Blocks this thread, as uploads, bursts and garbage collections do. */
function block(ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end);
}

describe('honesty', () => {
  it('delivers, for 2,000 random moments under load, the closest frame captured, and its picture shows the time of the receipt', async () => {
    const seed = Date.now()
    const random = mulberry32(seed)
    const load = new Worker(burn, { eval: true })
    const jobs = memoryJobs()
    const sink = memorySink()
    await using pipeline = createPipeline({
      sources: { easel: sketchSource({ width: 640, height: 360, frameRate: 30 }) },
      history: { durationMs: 600_000, maxBytes: 512 * 2 ** 20 },
      routes: [{ name: 'mints', jobs, sinks: [sink] }],
    })
    await pipeline.start()
    await sleep(PAST_MS)
    const asked = new Map<string, number>()
    while (asked.size < JOBS) {
      for (let n = 0; n < 50; n++) {
        const targetTime = pipeline.now() - PAST_MS + random() * (PAST_MS + AHEAD_MS)
        asked.set(jobs.add({ targetTime }), targetTime)
      }
      block(random() * 60)
      await sleep(random() * 100)
    }
    const outcomes = await Promise.all([...asked.keys()].map((id) => jobs.outcome(id)))
    await load.terminate()

    const { reader } = pipeline.history('easel')
    expect(reader.stats().evicted).toBe(0)
    const times = reader.range(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY).map((frame) => frame.captureTime)
    const codes = new Map([...sink.objects].map(([key, media]) => [`memory:${key}`, readTimeCodeFromJpeg(media.data)]))
    const wrong: unknown[] = []
    for (const outcome of outcomes) {
      if (outcome.status !== 'done') {
        wrong.push(outcome)
        continue
      }
      const frame = outcome.receipt.frames[0]!
      const targetTime = asked.get(outcome.id)!
      const code = codes.get(frame.uris[0]!) ?? Number.NaN
      const best = times.reduce((nearest, time) => Math.min(nearest, Math.abs(time - targetTime)), Number.POSITIVE_INFINITY)
      const honest = Math.abs(code - frame.captureTime) <= 1
      const closest = Math.abs(frame.captureTime - targetTime) === best
      const told = frame.targetTime === targetTime && frame.offsetMs === frame.captureTime - targetTime
      if (!honest || !closest || !told) wrong.push({ outcome, code, best, honest, closest, told })
    }
    expect(wrong, `seed ${seed}`).toEqual([])
    const distinct = new Set(
      outcomes.flatMap((outcome) => (outcome.status === 'done' ? outcome.receipt.frames[0]!.captureTime : [])),
    )
    expect(sink.puts).toBe(distinct.size)
    await expect
      .poll(() => pipeline.status().routes.mints)
      .toMatchObject({ claimed: JOBS, done: JOBS, failed: 0, retried: 0, inFlight: 0 })
  }, 120_000)
})

/** A small seeded generator (mulberry32, public domain), so that a failure can be repeated. */
function mulberry32(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
