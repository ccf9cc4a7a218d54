import { describe, expect, it } from 'vitest'
import { watchExposure } from '../src/exposure-watch.js'

/** Reads pieces of text at the times they are given for. */
function boundsOf(pieces: readonly (readonly [number, string])[], end: number) {
  let time = 100
  const watch = watchExposure(100, () => time)
  for (const [at, text] of pieces) {
    time = at
    watch.read(text)
  }
  return watch.bounds(end)
}

describe('watchExposure', () => {
  it('bounds the exposure by the reading before "Capturing" and the reading with "Captured"', () => {
    const pieces = [
      [110, '\x1b[1m--- Opening /dev/video0...\n\x1b[0m'],
      [150, '\x1b[0mNo input was specified, using the first.\n\x1b[0m'],
      [200, '\x1b[1m--- Capturing frame...\n\x1b[0m'],
      [640, '\x1b[0mCaptured frame in 0.00 seconds.\n\x1b[0m'],
      [650, '\x1b[1m--- Processing captured image...\n\x1b[0m'],
    ] as const
    expect(boundsOf(pieces, 900)).toEqual({ before: 150, after: 640 })
  })

  it('goes back to the start of the tool when all is read at once', () => {
    const text =
      '\x1b[1m--- Opening TEST...\n\x1b[0m\x1b[1m--- Capturing frame...\n\x1b[0m\x1b[0mCaptured frame in 0.00 seconds.\n'
    expect(boundsOf([[180, text]], 200)).toEqual({ before: 100, after: 180 })
  })

  it('counts frames that are skipped as part of the exposure', () => {
    const pieces = [
      [110, '/dev/video0 opened.\n'],
      [120, '\x1b[1m--- Capturing frame...\n\x1b[0m\x1b[0mSkipping 5 frames...\n'],
      [400, '\x1b[0mCapturing 1 frames...\n\x1b[0m'],
      [440, '\x1b[0mCaptured 6 frames in 0.30 seconds. (20 fps)\n'],
    ] as const
    expect(boundsOf(pieces, 500)).toEqual({ before: 110, after: 440 })
  })

  it('understands words that come in pieces', () => {
    const pieces = [
      [110, 'opened.\n\x1b[1m'],
      [120, '--- Capt'],
      [121, 'uring frame...\n'],
      [300, '\x1b[0mCaptured fr'],
      [310, 'ame in 0.00 seconds.\n'],
    ] as const
    // The reading before the word was complete is not later than the first part of it was said: the camera was being switched on then.
    const { before, after } = boundsOf(pieces, 400)
    expect(before).toBeLessThanOrEqual(120)
    expect(after).toBe(310)
  })

  it('leaves the whole run of a tool that says nothing', () => {
    expect(boundsOf([], 700)).toEqual({ before: 100, after: 700 })
    expect(boundsOf([[300, 'warming up\n'.repeat(5000)]], 700)).toEqual({ before: 100, after: 700 })
  })
})
