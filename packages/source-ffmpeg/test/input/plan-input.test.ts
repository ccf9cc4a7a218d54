import { describe, expect, it } from 'vitest'
import { ffmpegArguments } from '../../src/ffmpeg/ffmpeg-arguments.js'
import type { FfmpegSourceOptions } from '../../src/ffmpeg-source-options.js'
import { planInput } from '../../src/input/plan-input.js'

const modern = { name: '7.1', hasFrameRateMode: true }
const argumentsOf = (options: FfmpegSourceOptions, version = modern) =>
  ffmpegArguments(planInput(options), options, version, { mode: 'jpeg' })
const valueAfter = (args: readonly string[], name: string) => (args.includes(name) ? args[args.indexOf(name) + 1] : undefined)

describe('planInput', () => {
  it.each([
    ['video.mp4', { kind: 'file', url: 'file:video.mp4', pace: 'media', finite: true }],
    ['-i', { kind: 'file', url: 'file:-i' }],
    ['concat:a|b', { kind: 'file', url: 'file:concat:a|b' }],
    ['pipe:0', { kind: 'file', url: 'file:pipe:0' }],
    ['C:\\clips\\a.mp4', { kind: 'file', url: 'file:C:\\clips\\a.mp4' }],
    ['file:///tmp/a%20b.mp4', { kind: 'file', url: 'file:/tmp/a b.mp4', path: '/tmp/a b.mp4' }],
    ['rtsp://cam/1', { kind: 'network', url: 'rtsp://cam/1', pace: 'arrival', stamp: 'demuxer', finite: false }],
    ['http://cam/mjpeg', { kind: 'network', pace: 'arrival', stamp: 'filter', finite: false }],
    ['https://host/a.mp4?x=1', { kind: 'network', pace: 'media', finite: true }],
    ['https://host/live.m3u8', { kind: 'network', pace: 'media', finite: false }],
    ['/dev/video0', { kind: 'device', url: '/dev/video0', format: 'v4l2', pace: 'arrival', stamp: 'device', finite: false }],
  ])('sorts %s', (input, expected) => {
    expect(planInput({ input })).toMatchObject(expected)
  })

  it('hands the name of a device on as it is', () => {
    expect(planInput({ input: ':0.0', inputFormat: 'x11grab' })).toMatchObject({ kind: 'device', url: ':0.0', stamp: 'device' })
    expect(planInput({ input: '0:none', inputFormat: 'avfoundation' })).toMatchObject({ url: '0:none', stamp: 'demuxer' })
  })

  it('reads RTSP and HTTP without FFmpeg, unless FFmpeg’s own arguments or JPEG are asked for', () => {
    expect(planInput({ input: 'rtsp://cam/1' }).reader).toBe('rtsp')
    expect(planInput({ input: 'http://cam/mjpeg', inputOptions: [] }).reader).toBe('mjpeg')
    expect(planInput({ input: 'rtsps://cam/1', inputOptions: ['-tls_verify', '0'] }).reader).toBe('ffmpeg')
    expect(planInput({ input: 'rtsp://cam/1', encode: 'jpeg' }).reader).toBe('ffmpeg')
    expect(planInput({ input: 'http://cam/mjpeg', frameRate: 5 })).toMatchObject({ reader: 'mjpeg', transcode: true })
    expect(planInput({ input: 'http://cam/mjpeg', frameRate: 5, quality: 80 }).reader).toBe('ffmpeg')
    expect(planInput({ input: 'http://cam/mjpeg', encode: 'jpeg' }).reader).toBe('ffmpeg')
    expect(planInput({ input: 'rtsp://cam/1', frameRate: 5 }).reader).toBe('ffmpeg')
  })

  it('refuses protocols that read something else than they seem to, and loops of what is live', () => {
    for (const input of ['subfile://x', 'concatf://list', 'gopher://host']) expect(() => planInput({ input })).toThrow(TypeError)
    expect(() => planInput({ input: 'rtsp://u:pass@cam/1', loop: true })).toThrow('"rtsp://***@cam/1" is live')
  })

  it('refuses to begin in the middle of what is live', () => {
    expect(() => planInput({ input: 'rtsp://u:pass@cam/1', startMs: 5 })).toThrow('"rtsp://***@cam/1" is live')
    expect(planInput({ input: 'rtsp://cam/1', startMs: 0 })).toMatchObject({ pace: 'arrival' })
  })

  it.each([
    [{ input: 'a.mp4' }, false],
    [{ input: 'a.mp4', frameRate: 5 }, true],
    [{ input: 'a.mp4', quality: 50 }, true],
    [{ input: 'a.mp4', frameRate: 5, encode: 'auto' as const }, false],
    [{ input: '/dev/video0', frameRate: 5 }, false],
    [{ input: '/dev/video0', frameRate: 5, encode: 'jpeg' as const }, true],
  ])('for %j, encodes everything: %j', (options, transcode) => {
    expect(planInput(options)).toMatchObject({ transcode })
  })

  it('does as `live` says', () => {
    expect(planInput({ input: '/tmp/fifo', live: true })).toMatchObject({ pace: 'arrival', finite: false })
    expect(planInput({ input: 'http://host/x', live: false, loop: true })).toMatchObject({ pace: 'media', finite: false })
  })
})

describe('ffmpegArguments', () => {
  it('places the input after -i, and further options before it', () => {
    const args = argumentsOf({ input: '-y', inputOptions: ['-ss', '3'] })
    expect(valueAfter(args, '-i')).toBe('file:-y')
    expect(args.indexOf('-ss')).toBeLessThan(args.indexOf('-i'))
    expect(args).not.toContain('-y')
  })

  it('lets files open nothing but files', () => {
    expect(valueAfter(argumentsOf({ input: 'list.m3u8' }), '-protocol_whitelist')).toBe('file,crypto,data')
    expect(valueAfter(argumentsOf({ input: 'http://h/x' }), '-protocol_whitelist')).not.toContain('file')
    expect(valueAfter(argumentsOf({ input: 'rtsps://h/x' }), '-protocol_whitelist')).toContain('tls')
  })

  it('stamps live inputs with the wall clock, and asks V4L2 for its own', () => {
    expect(argumentsOf({ input: 'rtsp://h/x' })).toContain('-use_wallclock_as_timestamps')
    expect(argumentsOf({ input: 'video.mp4' })).not.toContain('-use_wallclock_as_timestamps')
    expect(valueAfter(argumentsOf({ input: '/dev/video0' }), '-timestamps')).toBe('abs')
    expect(argumentsOf({ input: '/dev/video0' })).not.toContain('-use_wallclock_as_timestamps')
  })

  it('passes transport and patience on in the form that each protocol knows', () => {
    const rtsp = argumentsOf({ input: 'rtsp://h/x', rtspTransport: 'udp', timeoutMs: 1500 })
    expect([valueAfter(rtsp, '-rtsp_transport'), valueAfter(rtsp, '-timeout')]).toEqual(['udp', '1500000'])
    expect(valueAfter(argumentsOf({ input: 'http://h/x' }), '-rw_timeout')).toBe('10000000')
  })

  it('limits the rate with select, never with fps', () => {
    const filters = valueAfter(argumentsOf({ input: 'a.mp4', frameRate: 5 }), '-vf')
    expect(filters).toContain("select='")
    expect(filters).not.toContain('fps=')
  })

  it('maps quality onto the scale of the encoder', () => {
    const scale = (quality: number) => Number(valueAfter(argumentsOf({ input: 'a.mp4', quality }), '-q:v'))
    expect([scale(100), scale(1)]).toEqual([2, 31])
    expect(Number(valueAfter(argumentsOf({ input: 'a.mp4' }), '-q:v'))).toBeCloseTo(4.9, 1)
  })

  it('speaks the words of FFmpeg 5.0', () => {
    expect(argumentsOf({ input: 'a.mp4' }, { name: '5.0', hasFrameRateMode: false })).toContain('-vsync')
    expect(argumentsOf({ input: 'a.mp4' })).toContain('-fps_mode')
  })
})
