import { describe, expect, it } from 'vitest'
import { ffmpegSource } from '../src/index.js'

const make = (options: unknown) => () => ffmpegSource(options as never)

describe('the options of ffmpegSource', () => {
  it.each([
    [undefined, 'options'],
    [{}, 'input'],
    [{ input: '' }, 'input'],
    [{ input: 'a\0b' }, 'zero bytes'],
    [{ input: 'a.mp4', inputs: 1 }, 'Unknown option `inputs`'],
    [{ input: 'a.mp4', loop: 'yes' }, 'loop'],
    [{ input: 'a.mp4', live: 1 }, 'live'],
    [{ input: 'a.mp4', frameRate: 0 }, 'frameRate'],
    [{ input: 'a.mp4', frameRate: Number.NaN }, 'frameRate'],
    [{ input: 'a.mp4', quality: 101 }, 'quality'],
    [{ input: 'a.mp4', rtspTransport: 'carrier pigeon' }, 'rtspTransport'],
    [{ input: 'a.mp4', timeoutMs: 1 }, 'timeoutMs'],
    [{ input: 'a.mp4', maxQueueBytes: 10 }, 'maxQueueBytes'],
    [{ input: 'a.mp4', inputOptions: '-ss 3' }, 'inputOptions'],
    [{ input: 'a.mp4', inputOptions: ['-ss', 3] }, 'inputOptions[1]'],
  ])('refuses %j', (options, named) => {
    expect(make(options)).toThrow(named)
  })

  it('says whether the material has an end', () => {
    expect(ffmpegSource({ input: 'a.mp4' }).finite).toBe(true)
    expect(ffmpegSource({ input: 'a.mp4', loop: true }).finite).toBe(false)
    expect(ffmpegSource({ input: 'rtsp://cam/1' }).finite).toBe(false)
  })

  it('is not changed by what happens to the options afterwards', () => {
    const options = { input: 'a.mp4', inputOptions: ['-ss', '3'] }
    const { host } = ffmpegSource(options)
    options.inputOptions.push('-y')
    expect(host?.options).toEqual({ input: 'a.mp4', inputOptions: ['-ss', '3'] })
    expect(structuredClone(host?.options)).toEqual(host?.options)
  })
})
