import assert from 'node:assert/strict'
import type { Rule } from '../../runner/rule.js'
import { nextFrame } from '../source-run.js'
import type { SourceTest } from '../source-test.js'

/** One microsecond, less what a double of this size cannot resolve. */
const smallestStepMs = 0.001 - 0.0003

/** Hours that no plausible age of a frame explains. */
const clockShiftMs = -6 * 3_600_000

/** What a wrong captureTime looks like, to spare its author the search. */
function guessUnit(captureTime: number, now: number): string {
  const near = (value: number) => Math.abs(value - now) < 86_400_000
  if (near(captureTime * 1000)) return ': it looks like seconds'
  if (near(captureTime / 1000)) return ': it looks like microseconds'
  if (near(captureTime / 1e6)) return ': it looks like nanoseconds'
  if (captureTime >= 0 && captureTime < 1e10) return ': it looks like a position on the stream or a monotonic clock'
  return ''
}

/** When frames were captured. */
export const timeRules: readonly Rule<SourceTest>[] = [
  {
    title: 'stamps frames in milliseconds since the Unix epoch, near the moment they are read',
    async check({ sample, settings: { maxAgeMs } }) {
      for (const { frame, position, readAt } of (await sample()).frames) {
        const { captureTime } = frame
        assert.ok(
          Number.isFinite(captureTime),
          `Frame ${position}: \`captureTime\` must be a finite number, not ${String(captureTime)} (${typeof captureTime})`,
        )
        const distanceMs = readAt - captureTime
        assert.ok(
          distanceMs <= maxAgeMs && distanceMs > -86_400_000,
          `Frame ${position} has captureTime ${captureTime} where ms since the epoch near ${readAt} were expected${guessUnit(captureTime, readAt)}`,
        )
      }
    },
  },
  {
    title: 'stamps no frame with a time that is still to come',
    async check({ sample, settings: { maxFutureMs } }) {
      for (const { frame, position, readAt } of (await sample()).frames) {
        const aheadMs = frame.captureTime - readAt
        assert.ok(
          !(aheadMs > maxFutureMs),
          `Frame ${position} was read ${aheadMs} ms before its captureTime; no more than ${maxFutureMs} ms are allowed (\`maxFutureMs\`)`,
        )
      }
    },
  },
  {
    title: 'stamps frames strictly increasing, by at least a microsecond',
    async check({ sample }) {
      const { frames } = await sample()
      frames.slice(1).forEach(({ frame, position }, index) => {
        const earlier = frames[index]!.frame.captureTime
        assert.ok(
          !(frame.captureTime - earlier < smallestStepMs),
          `Frame ${position} has captureTime ${frame.captureTime} after ${earlier}: within a run it must grow by at least 0.001 ms from frame to frame`,
        )
      })
    },
  },
]

/** For sources that stamp with `now()`. */
export const pipelineClockRules: readonly Rule<SourceTest>[] = [
  {
    title: "takes the time from the pipeline's clock, not from one of its own",
    async check({ create, open, within, settings: { maxAgeMs } }) {
      const run = open(await create(), { clockShiftMs })
      for (const which of ['1.', '2.']) {
        const { captureTime } = await nextFrame(run, within, which)
        const now = run.now()
        assert.ok(
          Math.abs(now - captureTime) <= maxAgeMs,
          `The pipeline's clock said ${now}, six hours behind the system's, and the ${which} frame's captureTime ${captureTime}: stamp frames with the ` +
            "context's now() instead of Date.now(), or declare `usesPipelineClock: false` where the device has a clock of its own",
        )
      }
    },
  },
]
