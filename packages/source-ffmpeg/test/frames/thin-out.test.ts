import { describe, expect, it } from 'vitest'
import { createThinning } from '../../src/frames/thin-out.js'

const epoch = 1_795_000_000_000

function kept(frameRate: number | undefined, times: readonly number[]): number[] {
  const isDue = createThinning(frameRate)
  return times.filter((time) => isDue(epoch + time))
}

const every = (intervalMs: number, count: number) => Array.from({ length: count }, (_, index) => index * intervalMs)

describe('createThinning', () => {
  it('keeps all pictures where no rate was asked for, or a higher one', () => {
    expect(kept(undefined, every(10, 50))).toHaveLength(50)
    expect(kept(100, every(40, 50))).toHaveLength(50)
  })

  it('meets the rate on average, whatever the rate of the camera', () => {
    for (const [frameRate, cameraMs] of [
      [10, 33],
      [7, 40],
      [1, 25],
      [25, 33.4],
    ] as const) {
      const seconds = 20
      expect(kept(frameRate, every(cameraMs, (seconds * 1000) / cameraMs)).length).toBeGreaterThanOrEqual(frameRate * seconds - 1)
      expect(kept(frameRate, every(cameraMs, (seconds * 1000) / cameraMs)).length).toBeLessThanOrEqual(frameRate * seconds + 1)
    }
  })

  it('takes a picture that comes a little early for the one that is due', () => {
    expect(kept(10, [0, 80, 180, 280])).toEqual([0, 80, 180, 280])
    expect(kept(10, [0, 70, 100])).toEqual([0, 100])
  })

  it('goes on at once after a pause, and after a clock that was set back', () => {
    expect(kept(1, [0, 500, 10_000, 10_500, 11_000])).toEqual([0, 10_000, 11_000])
    expect(kept(1, [100_000, 100_500, 0, 500, 1000])).toEqual([100_000, 0, 1000])
  })
})
