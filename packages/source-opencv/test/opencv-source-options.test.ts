import { describe, expect, it } from 'vitest'
import { type OpencvSourceOptions, opencvSource } from '../src/index.js'

describe('opencvSource', () => {
  it.each([
    [{}, '`device`'],
    [{ device: -1 }, '`device`'],
    [{ device: 1.5 }, '`device`'],
    [{ device: '' }, '`device`'],
    [{ device: null }, '`device`'],
    [{ device: 'a\0b' }, '`device`'],
    [{ device: 0, width: 640 }, '`width` and `height`'],
    [{ device: 0, width: 0, height: 480 }, '`width`'],
    [{ device: 0, width: 640, height: 70_000 }, '`height`'],
    [{ device: 0, fourcc: 'MJPEG' }, '`fourcc`'],
    [{ device: 0, fourcc: 'MJ\n\n' }, '`fourcc`'],
    [{ device: 0, frameRate: 0 }, '`frameRate`'],
    [{ device: 0, intervalMs: Number.NaN }, '`intervalMs`'],
    [{ device: 0, rotation: 45 }, '`rotation`'],
    [{ device: 0, flip: 'left' }, '`flip`'],
    [{ device: 0, quality: 101 }, '`quality`'],
    [{ device: 0, live: 'yes' }, '`live`'],
    [{ device: 0, live: false }, '`live: false`'],
    [{ device: 0, rtspTransport: 'http' }, '`rtspTransport`'],
    [{ device: 0, timeoutMs: 10 }, '`timeoutMs`'],
    [{ device: 0, backend: 'any' }, '`backend`'],
    [{ device: 0, framerate: 5 }, '`framerate`'],
    [{ device: './film.mp4', width: 640, height: 480 }, '`width`'],
    [{ device: 'rtsp://10.0.0.7/', fourcc: 'MJPG' }, '`fourcc`'],
    [{ device: 'gopher://admin:s3cret@10.0.0.7/' }, 'got "gopher://***@10.0.0.7/"'],
  ])('refuses %j at once and says what it expected', (options, words) => {
    const create = () => opencvSource(options as OpencvSourceOptions)
    expect(create).toThrow(words)
    expect(create).not.toThrow('s3cret')
  })

  it('keeps its own copy of the options, and loads nothing before the first frame is asked for', () => {
    const options = { device: 0, quality: 80 }
    const { host, finite } = opencvSource(options)
    options.quality = 1
    expect(host).toMatchObject({ kind: 'process', options: { device: 0, quality: 80 } })
    expect(finite).toBe(false)
    expect(opencvSource({ device: './film.mp4' }).finite).toBe(true)
  })
})
