import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createPlayer } from '../../src/capture/play-device.js'
import type { OpencvSourceOptions } from '../../src/index.js'
import { planDevice } from '../../src/input/plan-device.js'
import { fourccNumber } from '../../src/native/open-capture.js'
import { type FakeCamera, fakeNative } from '../fixtures/fake-native.js'
import { createContext, type Notice } from '../fixtures/read-frames.js'
import { until } from '../fixtures/start-camera.js'
import { temporaryDirectory } from '../fixtures/temporary-directory.js'

const directory = temporaryDirectory()

function play(camera: FakeCamera, options: Partial<OpencvSourceOptions> = {}) {
  const { native, seen } = fakeNative(camera)
  const notices: Notice[] = []
  const settings = { device: '/dev/video0', ...options }
  const player = createPlayer({
    plan: planDevice(settings, 'linux'),
    options: settings,
    context: createContext(new AbortController().signal, notices),
    load: () => native,
  })
  return { player, seen, notices }
}

describe('a camera', () => {
  it('is opened by V4L2 and by nothing else, by path and by number', async () => {
    for (const device of ['/dev/video0', 0]) {
      const { player, seen } = play({}, { device })
      await player.next()
      await player.stop()
      expect(seen.opened).toEqual([[device, 200]])
    }
  })

  it('is asked for its format first, then size and rate, before the first read', async () => {
    const { player, seen } = play({}, { width: 3840, height: 2160, frameRate: 30, fourcc: 'MJPG' })
    await player.next()
    await player.stop()
    expect(seen.asked).toEqual([
      [6, fourccNumber('MJPG')],
      [3, 3840],
      [4, 2160],
      [5, 30],
    ])
    expect(fourccNumber('MJPG')).toBe(0x47504a4d)
    expect(seen.overlaps).toBe(0)
  })

  it('that refuses its mode is used as it is, and what was asked for and what came is told', async () => {
    const properties = { 3: 1280, 4: 720, 5: 10, 6: fourccNumber('YUYV') }
    const { player, notices } = play(
      { width: 1280, height: 720, properties, accept: () => false },
      { width: 3840, height: 2160, frameRate: 30, fourcc: 'MJPG' },
    )
    expect((await player.next()).value).toMatchObject({ codedWidth: 1280, codedHeight: 720 })
    await player.stop()
    expect(notices[0]?.message).toBe(
      '"/dev/video0" gives 1280 × 720, 10 frames/s, YUYV; asked for was 3840 × 2160, 30 frames/s, MJPG',
    )
    expect(notices[0]?.details).toEqual({
      requested: { width: 3840, height: 2160, frameRate: 30, fourcc: 'MJPG' },
      actual: { width: 1280, height: 720, frameRate: 10, fourcc: 'YUYV' },
      refused: ['width', 'height', 'frameRate', 'fourcc'],
    })
  })

  it('that gives what it was asked for is told of too, and one that was asked for nothing is not', async () => {
    const asked = play({ width: 1280, height: 720 }, { width: 1280, height: 720 })
    await asked.player.next()
    await asked.player.stop()
    expect(asked.notices[0]?.details).toMatchObject({ refused: [] })
    const silent = play({})
    await silent.player.next()
    await silent.player.stop()
    expect(silent.notices).toEqual([])
  })

  it('is read on and on, and only what is due is encoded', async () => {
    const { player, seen } = play({ everyMs: 1 }, { intervalMs: 10_000, quality: 55 })
    await player.next()
    await until(() => seen.reads > 50, 'it was read fifty times')
    await player.stop()
    expect(seen.encodes).toEqual([[1, 55]])
    expect(seen.held).toBe(0)
  })

  it('is read on while the encoder is busy; what the encoder cannot keep up with is dropped, told and released', async () => {
    const { player, seen, notices } = play({ everyMs: 1, encodeMs: 40 })
    const frames = []
    while (frames.length < 6) frames.push((await player.next()).value)
    expect(seen.reads).toBeGreaterThan(30)
    await player.stop()
    await until(() => seen.held === 0, 'every picture was released')
    expect(notices.some(({ message }) => message.includes('were dropped'))).toBe(true)
    const times = frames.map(({ captureTime }) => captureTime)
    expect(times).toEqual([...times].sort((a, b) => a - b))
  })

  it('that ends tells of every picture that was dropped, not only of the first', async () => {
    const { player, notices } = play({ everyMs: 1, encodeMs: 40, isEmpty: (read) => read >= 60 }, { device: '/dev/video97' })
    const end = async () => {
      while ((await player.next()).done !== true);
    }
    await expect(end()).rejects.toMatchObject({ code: 'SNAPMINT_SOURCE_ENDED' })
    const dropped = notices.reduce((sum, { details }) => sum + Number(details?.count ?? 0), 0)
    expect(dropped).toBeGreaterThan(10)
  })

  it('releases every picture of a turned and mirrored one', async () => {
    const { player, seen } = play({}, { rotation: 270, flip: 'both' })
    for (let frame = 0; frame < 5; frame++) await player.next()
    await player.stop()
    await until(() => seen.held === 0, 'every picture was released')
    expect(seen.releasedCaptures).toBe(1)
  })

  it('may send a picture that cannot be decoded', async () => {
    const { player } = play({ isEmpty: (read) => read % 4 === 1 })
    for (let frame = 0; frame < 10; frame++) expect((await player.next()).done).toBe(false)
    await player.stop()
  })

  it('that is unplugged ends the run with an error that may pass, and is closed', async () => {
    const { player, seen } = play({ isEmpty: (read) => read >= 3 }, { device: '/dev/video97' })
    for (let frame = 0; frame < 3; frame++) await player.next()
    await expect(player.next()).rejects.toMatchObject({
      code: 'SNAPMINT_SOURCE_ENDED',
      retryable: true,
      message: '"/dev/video97" was unplugged',
    })
    expect(seen.releasedCaptures).toBe(1)
    expect((await player.next()).done).toBe(true)
  })

  it('whose driver never answers ends the run, and the end does not wait for it', async () => {
    const { player } = play({ hangsAt: 1 }, { timeoutMs: 100 })
    await player.next()
    await expect(player.next()).rejects.toMatchObject({ code: 'SNAPMINT_SOURCE_UNAVAILABLE', retryable: true })
  })

  it('whose picture cannot be encoded ends the run with an Error, though a string was thrown', async () => {
    const { player, seen } = play({ encodeFailure: 'OpenCV(4.6.0) error: (-215:Assertion failed)' })
    await expect(player.next()).rejects.toMatchObject({
      code: 'SNAPMINT_SOURCE_FAILED',
      retryable: true,
      message: 'Reading "/dev/video0" failed: OpenCV(4.6.0) error: (-215:Assertion failed)',
    })
    await until(() => seen.held === 0, 'every picture was released')
  })

  it('is not opened by a run that is stopped before it began', async () => {
    const { player, seen } = play({})
    await player.stop()
    expect((await player.next()).done).toBe(true)
    await new Promise(setImmediate)
    expect(seen.opened).toEqual([])
  })
})

describe('a recording', () => {
  it('is delivered without a gap, however slow the encoder is', async () => {
    const device = join(directory, 'film.mp4')
    writeFileSync(device, 'read by the stand-in, which does not look')
    // A thousand frames a second, each of which takes twenty to encode.
    const { player, notices } = play({ encodeMs: 20, isEmpty: (read) => read >= 30, properties: { 5: 1000 } }, { device })
    let frames = 0
    while ((await player.next()).done !== true) frames++
    expect(frames).toBe(30)
    expect(notices).toEqual([])
  })
})

describe('a stream', () => {
  it('is not begun with what its server has kept: those pictures are read and not delivered', async () => {
    const kept = 50
    const { native, seen } = fakeNative({ readMs: (read) => (read < kept ? 0 : 40), properties: { 0: -3.7e20 } })
    const options = { device: 'http://127.0.0.1/video' }
    const context = createContext(new AbortController().signal)
    const player = createPlayer({ plan: planDevice(options), options, context, load: () => native })
    await player.next()
    expect(seen.reads).toBeGreaterThan(kept)
    expect(seen.encodes.length).toBeLessThanOrEqual(2)
    await player.stop()
    await until(() => seen.held === 0, 'every picture was released')
  })
})
