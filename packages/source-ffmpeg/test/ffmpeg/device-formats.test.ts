import { describe, expect, it } from 'vitest'
import { chooseDeviceCodec, chooseInputMode, parseDshowFormats, parseV4l2Formats } from '../../src/ffmpeg/device-formats.js'
import type { FfmpegSourceOptions } from '../../src/ffmpeg-source-options.js'
import { planInput } from '../../src/input/plan-input.js'

const webcam = `[video4linux2,v4l2 @ 0x55d0c] Compressed:       mjpeg :          Motion-JPEG : 640x480 1280x720 1920x1080
[video4linux2,v4l2 @ 0x55d0c] Compressed:        h264 :                H.264 : 1920x1080
[video4linux2,v4l2 @ 0x55d0c] Raw       :     yuyv422 :           YUYV 4:2:2 : 640x480 320x240
/dev/video0: Immediate exit requested`
const pixelsOnly = '[video4linux2,v4l2 @ 0x1] Raw       :     yuyv422 :           YUYV 4:2:2 : {32-1920, 2}x{32-1080, 2}'
const directShow = `[dshow @ 0000] DirectShow video device options (from video devices)
[dshow @ 0000]  Pin "Capture" (alternative pin name "0")
[dshow @ 0000]   vcodec=mjpeg  min s=1280x720 fps=5 max s=1280x720 fps=30
[dshow @ 0000]   pixel_format=yuyv422  min s=640x480 fps=5 max s=640x480 fps=30`
const { signal } = new AbortController()

const choose = (options: FfmpegSourceOptions, answer: string) =>
  chooseInputMode(planInput(options), options, 'ffmpeg', { signal, list: async () => answer })

describe('chooseDeviceCodec', () => {
  it.each([
    [{}, 'mjpeg'],
    [{ width: 1280, height: 720 }, 'mjpeg'],
    [{ width: 320, height: 240 }, undefined],
    [{ width: 1920, height: 1080, frameRate: 5 }, 'mjpeg'],
  ])('for %j takes %s', (options, codec) => {
    expect(chooseDeviceCodec(parseV4l2Formats(webcam), options)).toBe(codec)
  })

  it('takes H.264 where there is no JPEG, unless it is to be thinned out', () => {
    const formats = parseV4l2Formats(webcam).filter(({ name }) => name !== 'mjpeg')
    expect(chooseDeviceCodec(formats, {})).toBe('h264')
    expect(chooseDeviceCodec(formats, { frameRate: 5 })).toBeUndefined()
  })
})

describe('parseV4l2Formats', () => {
  it('reads lists and ranges of sizes', () => {
    const [mjpeg, , yuyv] = parseV4l2Formats(webcam)
    expect(mjpeg).toMatchObject({ name: 'mjpeg', compressed: true })
    expect([mjpeg?.has(1920, 1080), mjpeg?.has(192, 1080), yuyv?.has(320, 240)]).toEqual([true, false, true])
    const [stepwise] = parseV4l2Formats(pixelsOnly)
    expect(stepwise).toMatchObject({ name: 'yuyv422', compressed: false })
    expect([stepwise?.has(640, 480), stepwise?.has(641, 480), stepwise?.has(3840, 2160)]).toEqual([true, false, false])
  })
})

describe('parseDshowFormats', () => {
  it('reads codecs, pixel formats and sizes', () => {
    const formats = parseDshowFormats(directShow)
    expect(formats.map(({ name, compressed }) => [name, compressed])).toEqual([
      ['mjpeg', true],
      ['yuyv422', false],
    ])
    expect([formats[0]?.has(1280, 720), formats[0]?.has(640, 480)]).toEqual([true, false])
  })
})

describe('chooseInputMode', () => {
  it('copies what a camera compresses, and encodes what comes as pixels', async () => {
    expect(await choose({ input: '/dev/video0' }, webcam)).toEqual({ mode: 'copy', codec: 'mjpeg' })
    expect(await choose({ input: '/dev/video0' }, pixelsOnly)).toEqual({ mode: 'jpeg' })
    expect(await choose({ input: 'video=Cam', inputFormat: 'dshow' }, directShow)).toEqual({ mode: 'copy', codec: 'mjpeg' })
    expect(await choose({ input: ':0', inputFormat: 'x11grab' }, '')).toEqual({ mode: 'jpeg' })
  })

  it('keeps copying a camera that is to be thinned out', async () => {
    expect(await choose({ input: '/dev/video0', frameRate: 5 }, webcam)).toEqual({ mode: 'copy', codec: 'mjpeg' })
  })

  it('leaves a device that does not answer to FFmpeg, which says why', async () => {
    const options = { input: '/dev/video0' }
    const list = () => Promise.reject(new Error('busy'))
    expect(await chooseInputMode(planInput(options), options, 'ffmpeg', { signal, list })).toEqual({ mode: 'jpeg' })
  })

  it('asks no device when everything is to be encoded', async () => {
    expect(await choose({ input: '/dev/video0', encode: 'jpeg' }, webcam)).toEqual({ mode: 'jpeg' })
    expect(await choose({ input: '/dev/video0', quality: 50 }, webcam)).toEqual({ mode: 'jpeg' })
  })
})
