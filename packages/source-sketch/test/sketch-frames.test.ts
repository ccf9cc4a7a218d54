import { describe, expect, it } from 'vitest'
import { readTimeCode } from '../src/index.js'
import { sketchFrames } from '../src/sketch-frames.js'
import { resolveSketchOptions } from '../src/sketch-source-options.js'
import { decodeJpeg } from './fixtures/decode-jpeg.js'
import { fakeClock } from './fixtures/fake-clock.js'
import { takeFrames } from './fixtures/take-frames.js'

const small = { width: 320, height: 240, seed: 1 } as const

describe('a run of the sketch camera', () => {
  it('shows in each picture the captureTime that the frame carries, rounded to the millisecond', async () => {
    for (const frame of await takeFrames({ ...small, frameRate: 29.97 }, 60)) {
      const code = readTimeCode(decodeJpeg(frame.data))
      expect(code).toBe(Math.round(frame.captureTime))
      expect(Math.abs(code! - frame.captureTime)).toBeLessThanOrEqual(1)
    }
  })

  it('yields JPEG pictures of the size asked for', async () => {
    for (const size of [
      { width: 160, height: 120 },
      { width: 641, height: 483 },
      { width: 240, height: 400 },
      { width: 3840, height: 2160 },
    ]) {
      const [frame] = await takeFrames({ ...size, seed: 1 }, 1)
      expect(frame).toMatchObject({ mimeType: 'image/jpeg', codedWidth: size.width, codedHeight: size.height })
      expect(decodeJpeg(frame!.data)).toMatchObject(size)
      expect(readTimeCode(decodeJpeg(frame!.data))).toBe(Math.round(frame!.captureTime))
    }
  })

  it('draws the same pictures for the same seed and others for another', async () => {
    const options = { ...small, frameRate: 0.5, clock: 'none', timeCode: false } as const
    const first = await takeFrames(options, 40)
    const second = await takeFrames(options, 40, fakeClock(5_000_000))
    const other = await takeFrames({ ...options, seed: 2 }, 40)
    expect(second.map(({ data }) => data)).toEqual(first.map(({ data }) => data))
    expect(other.at(-1)!.data).not.toEqual(first.at(-1)!.data)
    expect(new Set(first.map(({ data }) => Buffer.from(data).toString('base64'))).size).toBeGreaterThan(30)
  })

  it('writes straight into the memory that allocate() gives and nowhere else', async () => {
    const given: Uint8Array[] = []
    const controller = new AbortController()
    const clock = fakeClock()
    const allocate = (byteLength: number): Uint8Array => {
      const arena = new Uint8Array(new SharedArrayBuffer(byteLength + 64)).fill(0xaa)
      given.push(arena.subarray(32, 32 + byteLength))
      return given.at(-1)!
    }
    let count = 0
    for await (const { data } of sketchFrames(
      resolveSketchOptions(small),
      { ...clock.context(controller.signal), allocate },
      clock.sleep,
    )) {
      expect(data).toBe(given.at(-1))
      const around = new Uint8Array(data.buffer)
      expect(
        [...around.subarray(0, 32), ...around.subarray(data.byteOffset + data.byteLength)].every((byte) => byte === 0xaa),
      ).toBe(true)
      expect([...data.subarray(0, 2), ...data.subarray(-2)]).toEqual([0xff, 0xd8, 0xff, 0xd9])
      if (++count === 5) controller.abort()
    }
    expect(given).toHaveLength(5)
  })

  it('passes on what allocate() throws', async () => {
    const clock = fakeClock()
    const allocate = (): never => {
      throw new RangeError('too large')
    }
    const run = sketchFrames(
      resolveSketchOptions(small),
      { ...clock.context(new AbortController().signal), allocate },
      clock.sleep,
    )
    await expect(run.next()).rejects.toThrow('too large')
  })

  it('uses the paper that was asked for', async () => {
    const [frame] = await takeFrames({ ...small, background: '#336699', clock: 'none' }, 1)
    const { data, width } = decodeJpeg(frame!.data)
    const at = (5 * width + 5) * 4
    const expected = [0x33, 0x66, 0x99]
    for (const channel of [0, 1, 2]) expect(Math.abs(data[at + channel]! - expected[channel]!)).toBeLessThanOrEqual(4)
  })

  it.each(['centre', 'corner', 'none'] as const)('prints the clock as asked: %s', async (clock) => {
    const options = {
      width: 640,
      height: 480,
      seed: 1,
      background: '#ffffff',
      timeCode: false,
      frameRate: 1000 / 240 / 20,
    } as const
    const [frame] = await takeFrames({ ...options, clock }, 1)
    const { data, width, height } = decodeJpeg(frame!.data, 1)
    const dark = (left: number, top: number, right: number, bottom: number): number => {
      let count = 0
      for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) if (data[y * width + x]! < 110) count++
      return count
    }
    const centre = dark(0, height * 0.35, width, height * 0.65)
    const corner = dark(width / 2, height * 0.8, width, height)
    expect(centre > 500).toBe(clock === 'centre')
    expect(corner > 300).toBe(clock === 'corner')
  })

  it('begins a new sheet, from the top, when a drawing is finished', async () => {
    const options = { ...small, frameRate: 10, sheetDurationMs: 10_000, clock: 'none', timeCode: false } as const
    const frames = await takeFrames(options, 200)
    const plain = (index: number, fromRow: number, toRow: number): boolean => {
      const { data, width } = decodeJpeg(frames[index]!.data, 1)
      const rows = data.subarray(fromRow * width, toRow * width)
      return rows.every((value) => Math.abs(value - rows[0]!) < 8)
    }
    // The first sheet is begun already: a quarter of it.
    expect(plain(0, 0, 240)).toBe(false)
    expect(plain(74, 0, 112)).toBe(false)
    expect(plain(74, 128, 240)).toBe(false)
    // Half of the new sheet is rolled out.
    expect(plain(76, 0, 112)).toBe(true)
    expect(plain(76, 128, 240)).toBe(false)
    expect(plain(77, 128, 190)).toBe(true)
    expect(frames[169]!.data).not.toEqual(frames[69]!.data)
  })

  it('goes on after a sleep of a day without drawing every sheet that was missed', async () => {
    const clock = fakeClock()
    const controller = new AbortController()
    const run = sketchFrames(resolveSketchOptions(small), clock.context(controller.signal), clock.sleep)
    await run.next()
    clock.time += 86_400_000
    const { value } = await run.next()
    expect(readTimeCode(decodeJpeg(value!.data))).toBe(Math.round(clock.time))
    await run.return()
  })
})
