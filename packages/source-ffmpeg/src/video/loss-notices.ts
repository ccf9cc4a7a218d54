import type { EpochMs } from '@snapmint/core/adapter'
import type { PlayerOptions } from '../player.js'

/** Notices about losses come at most so often, in ms. */
const noticeEveryMs = 10_000
/** A stream whose key pictures are further apart than this, in ms, is hardly usable. */
const keyPatienceMs = 5000

/** The history keeps and drops whole runs, from key to key: longer ones than this, in ms, make it coarse. */
const longRunMs = 30_000

/** Counts what is lost on the way, and tells the operator now and then. */
export function createLossNotices({ now, notice }: PlayerOptions['context'], label: string) {
  let packets = 0
  let pictures = 0
  let lastTime = Number.NEGATIVE_INFINITY
  let keylessSince: EpochMs | undefined
  let toldKeyless = false
  let lastKey: EpochMs | undefined
  let toldLongRun = false
  let dropped = 0
  let lastDropTime = Number.NEGATIVE_INFINITY

  function tell(): void {
    if (pictures + packets === 0 || now() - lastTime < noticeEveryMs) return
    lastTime = now()
    const message = `"${label}" lost ${packets} packets on the way; ${pictures} pictures that needed them were left out`
    notice?.(message, { lostPackets: packets, leftOutPictures: pictures })
    packets = 0
    pictures = 0
  }

  return {
    lost(count: number): void {
      packets += count
    },
    leftOut(): void {
      pictures += 1
      // The first loss is told when it is over, with all that it cost.
      if (pictures > 1 && lastTime > Number.NEGATIVE_INFINITY) tell()
    },
    whole: tell,
    /** Frames waited for the history too long. */
    dropped(frames: number): void {
      dropped += frames
      if (now() - lastDropTime < noticeEveryMs) return
      lastDropTime = now()
      notice?.(`${dropped} frames of "${label}" were dropped: too many bytes waited for the history`, { frames: dropped })
      dropped = 0
    },
    /** A picture that passes. */
    passed(type: 'key' | 'delta', arrival: EpochMs): void {
      if (type === 'key') lastKey = arrival
      if (toldLongRun || lastKey === undefined || arrival - lastKey < longRunMs) return
      toldLongRun = true
      const message = `"${label}" has sent no key frame for ${longRunMs / 1000} s: the history can drop only all pictures since then at once, and decoding one of them takes long; set a shorter key frame (I-frame) interval in the camera`
      notice?.(message, { runMs: arrival - lastKey })
    },
    /** A picture came that no key was before. */
    keyless(arrival: EpochMs): void {
      keylessSince ??= arrival
      if (toldKeyless || arrival - keylessSince < keyPatienceMs) return
      toldKeyless = true
      const message = `"${label}" has sent no key frame for ${keyPatienceMs / 1000} s, so that no picture can be decoded yet; set a shorter key frame (I-frame) interval in the camera`
      notice?.(message, { waitingMs: arrival - keylessSince })
    },
  }
}
