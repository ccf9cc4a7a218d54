import { describe, expect, it } from 'vitest'
import { classifyExit } from '../../src/ffmpeg/classify-exit.js'
import type { FfmpegExit } from '../../src/ffmpeg/ffmpeg-process.js'
import type { FfmpegSourceOptions } from '../../src/ffmpeg-source-options.js'
import { planInput } from '../../src/input/plan-input.js'

const file = { input: 'clip.mp4' }
const stream = { input: 'rtsp://admin:s3cret@cam/1?token=tok-1234' }
const device = { input: '/dev/video0' }

function classify(options: FfmpegSourceOptions, exit: Partial<FfmpegExit>, frames = 0) {
  return classifyExit(planInput(options), { code: 1, signal: null, lines: [], ...exit }, frames)
}

describe('classifyExit', () => {
  it('lets a recording end, and takes every end of a live input for a failure', () => {
    expect(classify(file, { code: 0 }, 10)).toBeUndefined()
    expect(classify(stream, { code: 0 }, 10)).toMatchObject({ code: 'SNAPMINT_SOURCE_ENDED', retryable: true })
    expect(classify(stream, { code: 0 }, 0)).toMatchObject({ code: 'SNAPMINT_SOURCE_ENDED', retryable: true })
    expect(classify({ input: 'http://h/live.m3u8' }, { code: 0 }, 9)).toMatchObject({ code: 'SNAPMINT_SOURCE_ENDED' })
  })

  it('calls a recording without a picture unreadable', () => {
    expect(classify(file, { code: 0 }, 0)).toMatchObject({ code: 'SNAPMINT_SOURCE_UNREADABLE', retryable: false })
  })

  it.each([
    [stream, 'Server returned 401 Unauthorized (authorization failed)', 'UNAUTHORIZED', true],
    [stream, '[rtsp @ 0x5] method DESCRIBE failed: 401 Unauthorized', 'UNAUTHORIZED', true],
    [stream, 'Server returned 403 Forbidden (access denied)', 'UNAUTHORIZED', true],
    [stream, 'Server returned 404 Not Found', 'UNAVAILABLE', true],
    [stream, 'Server returned 5XX Server Error reply', 'UNAVAILABLE', true],
    [stream, '[tcp @ 0x5] Connection to tcp://cam:554 failed: Connection refused', 'UNAVAILABLE', true],
    [stream, 'Connection timed out', 'UNAVAILABLE', true],
    [stream, '[tcp @ 0x5] Failed to resolve hostname cam: Name or service not known', 'UNAVAILABLE', true],
    [stream, 'Invalid data found when processing input', 'UNREADABLE', true],
    [file, 'file:clip.mp4: Invalid data found when processing input', 'UNREADABLE', false],
    [file, '[mov,mp4,m4a,3gp,3g2,mj2 @ 0x5] moov atom not found', 'UNREADABLE', false],
    [file, "Stream map '0:V:0' matches no streams.", 'UNREADABLE', false],
    [device, '/dev/video0: No such file or directory', 'NOT_FOUND', true],
    [device, '/dev/video0: Device or resource busy', 'UNAVAILABLE', true],
    [device, '/dev/video0: Permission denied', 'UNREADABLE', false],
    [stream, "Unrecognized option 'fps_mode'.", 'FAILED', false],
    [stream, 'a line that nobody knows', 'FAILED', true],
    [file, 'a line that nobody knows', 'UNREADABLE', false],
  ])('of %j, takes %j for %s', (options, line, code, retryable) => {
    const error = classify(options, { lines: ['[h264 @ 0x5] no frame!', line, 'Conversion failed!'] })
    expect(error).toMatchObject({ code: `SNAPMINT_SOURCE_${code}`, retryable, adapter: 'ffmpeg' })
  })

  it('waits half a minute before wrong credentials are tried again', () => {
    expect(classify(stream, { lines: ['Server returned 401 Unauthorized'] })?.retryAfterMs).toBe(30_000)
  })

  it('is not misled by what the input is called', () => {
    const options = { input: '/clips/401 Unauthorized.mp4' }
    const error = classify(options, { lines: ['file:/clips/401 Unauthorized.mp4: Invalid data found when processing input'] })
    expect(error?.code).toBe('SNAPMINT_SOURCE_UNREADABLE')
  })

  it('reports a process that was killed or did not start as something that may pass', () => {
    expect(classify(file, { code: null, signal: 'SIGKILL' })).toMatchObject({ code: 'SNAPMINT_SOURCE_CRASHED', retryable: true })
    expect(classify(file, { code: null, failure: 'EAGAIN' })).toMatchObject({ code: 'SNAPMINT_SOURCE_FAILED', retryable: true })
  })

  it('reports a process that was told to end by a signal as something that may pass, unless it gave a reason before the first frame', () => {
    const crashed = { code: 'SNAPMINT_SOURCE_CRASHED', retryable: true, message: expect.stringContaining('was told to end') }
    expect(classify(file, { code: 255 })).toMatchObject(crashed)
    expect(classify(stream, { code: 255, lines: ['a line that nobody knows'] })).toMatchObject(crashed)
    expect(classify(file, { code: 255, lines: ['Invalid data found when processing input'] }, 3)).toMatchObject(crashed)
    const refused = { code: 255, lines: ['/dev/video0: Operation not permitted'] }
    expect(classify(device, refused)).toMatchObject({ code: 'SNAPMINT_SOURCE_UNREADABLE', retryable: false })
  })

  it('quotes FFmpeg without addresses and without credentials', () => {
    const message = classify(stream, { lines: [`[rtsp @ 0x55aa] ${stream.input}: s3cret was refused`] })?.message
    expect(message).toContain('was refused')
    expect(message).not.toMatch(/s3cret|tok-1234|admin|0x55aa/)
  })
})
