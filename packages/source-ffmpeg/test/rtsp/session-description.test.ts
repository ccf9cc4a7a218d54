import { describe, expect, it } from 'vitest'
import { NeedsFfmpeg } from '../../src/needs-ffmpeg.js'
import { parseRtspUrl, redirectUrl } from '../../src/rtsp/rtsp-url.js'
import { pickVideo, resolveControl } from '../../src/rtsp/session-description.js'

const base = 'rtsp://10.0.0.7/live'
const media = (lines: readonly string[]) => ['v=0', 'o=- 0 0 IN IP4 0.0.0.0', 's=x', 'a=control:*', ...lines].join('\n')
const pick = (...lines: string[]) => pickVideo(media(lines), base, 'camera')

describe('a session description', () => {
  it('names the first stream that is H.264 or H.265, whatever else there is', () => {
    const track = pick(
      'm=audio 0 RTP/AVP 8',
      'a=control:audio',
      'm=video 0 RTP/AVP 99 96',
      'a=rtpmap:99 rtx/90000',
      'a=rtpmap:96 h264/90000',
      'a=fmtp:96 packetization-mode=1; Profile-Level-Id=42C01E;sprop-parameter-sets=Z0LAHtkA,aMuMsg==',
      'a=control:track2',
      'm=video 0 RTP/AVP 97',
      'a=rtpmap:97 H265/90000',
    )
    expect(track).toMatchObject({
      codec: 'H264',
      payloadType: 96,
      clockRate: 90_000,
      control: `${base}/track2`,
      sessionControl: base,
    })
    expect(track.parameterSets.map((set) => set[0])).toEqual([0x67, 0x68])
  })

  it('has three kinds of parameter sets for H.265', () => {
    const track = pick('m=video 0 RTP/AVP 98', 'a=rtpmap:98 HEVC/90000', 'a=fmtp:98 sprop-vps=QAEM;sprop-sps=QgEB;sprop-pps=RAHB')
    expect(track).toMatchObject({ codec: 'H265' })
    expect(track.parameterSets.map((set) => ((set[0] as number) >> 1) & 63)).toEqual([32, 33, 34])
  })

  it.each([
    ['the stream is VP8', ['m=video 0 RTP/AVP 96', 'a=rtpmap:96 VP8/90000']],
    ['the stream is JPEG', ['m=video 0 RTP/AVP 26']],
    ['the stream is of an unknown kind', ['m=video 0 RTP/AVP 96']],
    ['its packets are interleaved', ['m=video 0 RTP/AVP 96', 'a=rtpmap:96 H264/90000', 'a=fmtp:96 packetization-mode=2']],
    [
      'its packets are out of order on purpose',
      ['m=video 0 RTP/AVP 96', 'a=rtpmap:96 H265/90000', 'a=fmtp:96 sprop-max-don-diff=3'],
    ],
  ])('is left to FFmpeg where %s', (message, lines) => {
    expect(() => pick(...lines)).toThrow(new NeedsFfmpeg(message))
  })

  it.each([[''], ['m=audio 0 RTP/AVP 0'], ['\0'.repeat(1000)], ['m=video'], ['a=rtpmap:96']])(
    'without video is refused: %j',
    (text) => {
      expect(() => pickVideo(text, base, 'camera')).toThrow(expect.objectContaining({ code: 'SNAPMINT_SOURCE_UNREADABLE' }))
    },
  )

  it('is read in time however hostile it is', () => {
    const hostile = `m=video 0 RTP/AVP 96\n${'a=rtpmap:96 H264/90000\n'.repeat(5000)}${'a=fmtp:96 '}${'x=;'.repeat(30_000)}`
    expect(pickVideo(hostile, base, 'camera')).toMatchObject({ codec: 'H264' })
  })
})

describe('a control URL', () => {
  it.each([
    ['track1', 'rtsp://h/a', 'rtsp://h/a/track1'],
    ['track1', 'rtsp://h/a/', 'rtsp://h/a/track1'],
    ['trackID=0', 'rtsp://h/cam?channel=1', 'rtsp://h/cam?channel=1/trackID=0'],
    ['rtsp://u:p@h2/x', 'rtsp://h/a', 'rtsp://h2/x'],
    ['/x y', 'rtsp://h:99/a', 'rtsp://h:99/x%20y'],
    [undefined, 'rtsp://h/a', 'rtsp://h/a'],
  ])('%s on %s is %s', (control, on, expected) => {
    expect(resolveControl(on, control)).toBe(expected)
  })
})

describe('an RTSP URL', () => {
  it.each([
    ['rtsp://host', { url: 'rtsp://host', host: 'host', port: 554, secure: false, credentials: undefined }],
    ['rtsps://[::1]:99/a?b=c#d', { url: 'rtsps://[::1]:99/a?b=c', host: '::1', port: 99, secure: true, credentials: undefined }],
    [
      'rtsp://u%40:p%25@h/x',
      { url: 'rtsp://h/x', host: 'h', port: 554, secure: false, credentials: { username: 'u@', password: 'p%' } },
    ],
  ])('%s is understood', (text, expected) => {
    expect(parseRtspUrl(text)).toEqual(expected)
  })

  it.each(['rtsp://', 'http://h/', 'rtsp://a:b/c@h', 'rtsp://h:0/', 'x'])('%s is none', (text) => {
    expect(parseRtspUrl(text)).toBeUndefined()
  })

  it.each([
    ['rtsp://h/a', 'rtsp://h:99/b', true],
    ['rtsp://h/a', 'rtsp://other/b', false],
    ['rtsps://h/a', 'rtsp://h/b', false],
  ])('of a redirect from %s to %s takes the credentials along: %s', (from, to, expected) => {
    const start = parseRtspUrl(from.replace('://', '://u:p@'))
    expect(redirectUrl(start as NonNullable<typeof start>, to)?.credentials !== undefined).toBe(expected)
  })
})
