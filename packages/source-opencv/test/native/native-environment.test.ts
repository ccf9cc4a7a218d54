import { describe, expect, it } from 'vitest'
import { planDevice } from '../../src/input/plan-device.js'
import { ffmpegCaptureOptions, libavformatVersion, nativeEnvironment } from '../../src/native/native-environment.js'

const optionsOf = (device: string, transport: 'tcp' | 'udp' = 'tcp', libavformat = 59) =>
  Object.fromEntries(
    ffmpegCaptureOptions(planDevice({ device }), 2500, transport, libavformat)
      .split('|')
      .map((pair) => pair.split(';')),
  )

describe('the environment of OpenCV', () => {
  it('keeps GStreamer out, unless it was chosen', () => {
    expect(nativeEnvironment({ backend: 'ffmpeg' }, 1000).OPENCV_VIDEOIO_PRIORITY_LIST).not.toContain('GSTREAMER')
    expect(nativeEnvironment({ backend: 'gstreamer' }, 1000).OPENCV_VIDEOIO_PRIORITY_LIST).toMatch(/^GSTREAMER,/)
  })

  it('lets a silent V4L2 camera go after the timeout, in whole seconds', () => {
    expect(nativeEnvironment({ backend: 'v4l2' }, 2500).OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT).toBe('3')
    expect(nativeEnvironment({ backend: 'v4l2' }, 100).OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT).toBe('1')
  })

  it('limits the wait for RTSP, by the name that this FFmpeg has for it', () => {
    expect(optionsOf('rtsp://h/')).toMatchObject({ timeout: '2500000', rtsp_transport: 'tcp', fflags: 'nobuffer' })
    // Before FFmpeg 5 `timeout` made it wait for a client, for ever.
    const old = optionsOf('rtsp://h/', 'udp', 58)
    expect(old).toMatchObject({ stimeout: '2500000', rtsp_transport: 'udp' })
    expect(old).not.toHaveProperty('timeout')
  })

  it('limits the wait for every server', () => {
    for (const device of ['rtsp://h/', 'http://h/', 'rtmp://h/'])
      expect(optionsOf(device)).toMatchObject({ rw_timeout: '2500000' })
  })

  it('lets a file open files only, and a page of the network no files', () => {
    expect(optionsOf('/tmp/list.m3u8').protocol_whitelist).not.toMatch(/http|tcp/)
    expect(optionsOf('https://h/list.m3u8').protocol_whitelist).not.toMatch(/file/)
    expect(optionsOf('rtsp://h/').protocol_whitelist).not.toMatch(/file/)
  })

  it('reads the version of libavformat from what OpenCV says of itself', () => {
    expect(
      libavformatVersion('  FFMPEG: YES\n    avcodec:   YES (58.1.0)\n    avformat:                    YES (60.27.100)\n'),
    ).toBe(60)
    expect(libavformatVersion('no FFmpeg')).toBe(59)
  })
})
