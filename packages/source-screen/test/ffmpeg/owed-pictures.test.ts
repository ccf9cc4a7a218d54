import { describe, expect, it } from 'vitest'
import { createOwedWatch } from '../../src/ffmpeg/owed-pictures.js'

/** After which of the pictures, that come so many ms after each other, FFmpeg is found to make up for some; undefined: after none. */
function found(frameRate: number, gapsMs: readonly number[]): number | undefined {
  const isMakingUp = createOwedWatch(frameRate)
  let time = 1_700_000_000_000
  const index = [0, ...gapsMs].findIndex((gap) => {
    time += gap
    return isMakingUp(time)
  })
  return index < 0 ? undefined : index
}
const times = (count: number, gap: number) => Array.from({ length: count }, () => gap)

describe('createOwedWatch', () => {
  it('finds the third picture of a burst, whatever the rate, when more than a second is owed', () => {
    expect(found(5, [...times(3, 200), 2700, ...times(12, 10)])).toBe(7)
    expect(found(60, [...times(3, 1000 / 60), 3_600_000, ...times(12, 2)])).toBe(7)
    expect(found(1, [...times(3, 1000), 10_000, ...times(9, 30)])).toBe(7)
  })

  it('lets a short delay be made up for', () => {
    expect(found(5, [...times(3, 200), 1100, ...times(5, 10), ...times(20, 200)])).toBeUndefined()
    expect(found(60, [900, ...times(53, 2), ...times(60, 1000 / 60)])).toBeUndefined()
  })

  it('does not blame an FFmpeg that is too slow for its rate, or irregular', () => {
    expect(found(60, times(5000, 40))).toBeUndefined()
    expect(
      found(
        60,
        times(1000, 0).flatMap(() => [70, 6, 6, 30]),
      ),
    ).toBeUndefined()
  })

  it('is not misled by a wall clock that is set', () => {
    expect(found(5, [200, -3_600_000, ...times(20, 200)])).toBeUndefined()
    expect(found(5, [200, 3_600_000, ...times(20, 200)])).toBeUndefined()
  })
})
