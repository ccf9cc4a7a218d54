import type { EpochMs } from '@snapmint/core/adapter'
import type { FfmpegSourceOptions } from '../ffmpeg-source-options.js'
import type { InputPlan } from '../input/plan-input.js'
import type { PlayerOptions } from '../player.js'
import { createLiveDating, createMediaDating } from '../time/date-frames.js'
import { createUnitDating } from '../time/unit-dating.js'
import type { PlayedPicture } from './play-once.js'
import type { StreamHead } from './read-packets.js'

/** Least step between two captureTimes, in ms. */
const leastStepMs = 0.01
/** The time base of FFmpeg's demuxers for bare H.264 and H.265 is a 1,200,000th of a second: they count pictures, and know no times. */
const countingTicksPerMs = 1200
/** A clock with steps of this, in ms, or longer is a count of pictures too: that of bare or multipart JPEG. */
const countingStepMs = 10

export interface DatePicturesOptions extends Pick<PlayerOptions, 'context' | 'plan'> {
  readonly clock: FfmpegSourceOptions['clock']
  /** Called with each picture in order, captureTime strictly increasing. */
  readonly deliver: (picture: PlayedPicture, captureTime: EpochMs) => void
}

/** Gives pictures their captureTime, by the rule for what the input is and how it is read. */
export function createPictureDating({ plan, context, clock, deliver }: DatePicturesOptions) {
  const { now } = context
  const byLabel = createLiveDating()
  const byPlace = createMediaDating((lateMs) => tellSlip(plan, context, lateMs))
  let last = Number.NEGATIVE_INFINITY

  /** From one process to the next, or from one rule to the other, times could step back. */
  function deliverRising(picture: PlayedPicture, captureTime: EpochMs): void {
    last = Math.max(captureTime, last + leastStepMs)
    deliver(picture, last)
  }

  function createRule(mode: 'copy' | 'jpeg') {
    if (plan.pace === 'media')
      return {
        take: (picture: PlayedPicture, placeMs: number) => deliverRising(picture, byPlace(placeMs, now())),
        end() {},
      }
    if (mode === 'copy' && plan.stamp !== 'device') {
      const { notice } = context
      const dating = createUnitDating<PlayedPicture>({ deliver: deliverRising, now, notice, clock, label: plan.label })
      return {
        take(picture: PlayedPicture) {
          const { arrival, mediaMs, stream } = picture
          dating.push(picture, { arrival, mediaMs: hasTimes(stream, mediaMs) ? mediaMs : undefined })
        },
        end: dating.end,
      }
    }
    return {
      take(picture: PlayedPicture) {
        const captureTime = byLabel(picture.mediaMs, { now: picture.arrival, wallNow: Date.now() - (now() - picture.arrival) })
        if (captureTime !== undefined) deliverRising(picture, captureTime)
      },
      end() {},
    }
  }
  return { createRule }
}

function hasTimes({ msPerTick }: StreamHead, mediaMs: number): boolean {
  return !Number.isNaN(mediaMs) && msPerTick < countingStepMs && Math.abs(1 / msPerTick - countingTicksPerMs) > 1
}

function tellSlip({ label }: InputPlan, { notice }: PlayerOptions['context'], lateMs: number): void {
  const message = `"${label}" was ${Math.round(lateMs)} ms behind real time and goes on from now: the machine may be too slow to play it`
  notice?.(message, { lateMs })
}
