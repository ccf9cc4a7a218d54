import { describe, expect, it } from 'vitest'
import { listDisplays, listWindows, type ScreenSourceOptions, screenSource } from '../src/index.js'
import { isXScreenName } from '../src/screen-source-options.js'

describe('the options of screenSource', () => {
  it.each([
    [{ frameRate: 0.09 }, RangeError, /`frameRate`.*from 0\.1 to 60/],
    [{ frameRate: 61 }, RangeError, /`frameRate`/],
    [{ frameRate: '5' }, TypeError, /`frameRate`/],
    [{ quality: 0 }, RangeError, /`quality`.*from 1 to 100/],
    [{ quality: Number.NaN }, RangeError, /`quality`/],
    [{ cursor: 1 }, TypeError, /`cursor`/],
    [{ engine: 'gstreamer' }, TypeError, /`engine`/],
    [{ display: -1 }, RangeError, /`display`/],
    [{ display: '' }, TypeError, /`display`/],
    [{ display: null }, TypeError, /`display`/],
    [{ display: 'a\0b' }, TypeError, /zero bytes/],
    [{ region: { x: 0, y: 0, width: 0, height: 1 } }, RangeError, /`region\.width`/],
    [{ region: { x: 0.5, y: 0, width: 1, height: 1 } }, RangeError, /`region\.x`/],
    [{ region: { x: -1, y: 0, width: 1, height: 1 } }, RangeError, /`region\.x`/],
    [{ region: { left: 0, top: 0, width: 1, height: 1 } }, TypeError, /Unknown option `left` for region/],
    [{ region: [0, 0, 1, 1] }, TypeError, /region/],
    [{ window: {} }, TypeError, /either `\{ id \}` or `\{ title \}`/],
    [{ window: { id: 1, title: 'a' } }, TypeError, /either/],
    [{ window: { title: '' } }, TypeError, /`window\.title`/],
    [{ window: { id: 0 } }, RangeError, /`window\.id`/],
    [{ window: 'Editor' }, TypeError, /window/],
    [{ window: { id: 1 }, display: 0 }, TypeError, /`display` with `window`/],
    [{ ffmpegPath: '' }, TypeError, /`ffmpegPath`/],
    [{ fps: 5 }, TypeError, /Unknown option `fps` for screenSource/],
    [null, TypeError, /options/],
  ])('%j is refused at once', (options, kind, message) => {
    const make = () => screenSource(options as unknown as ScreenSourceOptions)
    expect(make).toThrow(kind)
    expect(make).toThrow(message)
  })

  it('do not change the object that was given, nor depend on it later', () => {
    const region = { x: 1, y: 2, width: 3, height: 4 }
    const options: ScreenSourceOptions = Object.freeze({ display: ':5', region })
    const { host } = screenSource(options)
    region.x = 100
    expect(host!.options).toMatchObject({ region: { x: 1 }, engine: 'ffmpeg', frameRate: 5, quality: 80, cursor: false })
    expect(structuredClone(host!.options)).toEqual(host!.options)
  })

  it('run the engine "native" in a process and "ffmpeg" in a thread', () => {
    expect(screenSource({ engine: 'native' }).host!.kind).toBe('process')
    expect(screenSource({ display: ':0' }).host!.kind).toBe('thread')
  })

  it('tell the name of an X screen from that of a monitor', () => {
    for (const name of [':0', ':0.1', 'host:10.0', 'unix:0', 'host/unix:0', '[::1]:0', '127.0.0.1:5'])
      expect(isXScreenName(name), name).toBe(true)
    for (const name of ['HDMI-1', 'DP:a', ':0/HDMI-1', '', ':', '2', 'a b:0']) expect(isXScreenName(name), name).toBe(false)
  })

  it('of listDisplays are checked too', async () => {
    await expect(listDisplays({ screen: 1 } as never)).rejects.toThrow(/Unknown option `screen` for listDisplays/)
    for (const list of [listDisplays, listWindows])
      await expect(list({ signal: 'x' } as never)).rejects.toThrow(
        new TypeError('Expected `signal` to be an AbortSignal, got `"x"` (string)'),
      )
  })
})
