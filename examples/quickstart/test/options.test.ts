import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseDuration } from '../src/duration.js'
import { readOptions } from '../src/options.js'
import { UserError } from '../src/user-error.js'

const home = resolve('/home/ada')
const read = (...args: string[]) => readOptions(args, home)

describe('readOptions', () => {
  it('takes the sketch camera and ./snapmint-data until Ctrl-C unless told otherwise', () => {
    expect(read()).toEqual({
      input: undefined,
      screen: false,
      dataDirectory: resolve(home, 'snapmint-data'),
      durationMs: undefined,
      help: false,
    })
  })

  it('refers paths to where the user is, and leaves URLs as they are', () => {
    expect(read('--input', 'cat.mp4').input).toBe(resolve(home, 'cat.mp4'))
    expect(read('--input', '/dev/video0').input).toBe(resolve('/dev/video0'))
    expect(read('--input', 'rtsp://camera/stream').input).toBe('rtsp://camera/stream')
    expect(read('--data', '../pictures').dataDirectory).toBe(resolve(home, '../pictures'))
  })

  it('takes the screen when asked to, and not a video as well', () => {
    expect(read('--screen')).toMatchObject({ screen: true, input: undefined })
    expect(() => read('--screen', '--input', 'cat.mp4')).toThrow(/exclude each other/)
  })

  it.each([['--screen=1'], ['--input', ''], ['--data', ''], ['--help=yes'], ['--for=']])('refuses %j %j', (...args) => {
    expect(() => read(...args)).toThrow(UserError)
  })
})

describe('parseDuration', () => {
  it.each([
    ['500ms', 500],
    ['20s', 20_000],
    ['1.5m', 90_000],
    ['2h', 7_200_000],
  ])('reads %s', (text, ms) => {
    expect(parseDuration('--for', text)).toBe(ms)
  })

  it.each(['', '20', 's', '-5s', '0ms', '5 s', '1e3s', 'Infinitys', '25d', '600h'])('refuses %j', (text) => {
    expect(() => parseDuration('--for', text)).toThrow(UserError)
  })
})
