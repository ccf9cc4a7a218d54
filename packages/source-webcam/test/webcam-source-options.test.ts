import { describe, expect, it } from 'vitest'
import { webcamSource } from '../src/index.js'
import { resolveWebcamOptions, type WebcamSourceOptions } from '../src/webcam-source-options.js'

describe('the options of webcamSource', () => {
  it('need not be given: the first camera, 1280 × 720, a picture a second', () => {
    expect(resolveWebcamOptions({}, 'linux')).toMatchObject({
      tool: 'fswebcam',
      device: '/dev/video0',
      width: 1280,
      height: 720,
      intervalMs: 1000,
      timeoutMs: 8000,
    })
  })

  it('choose the tool of the platform', () => {
    expect(resolveWebcamOptions({}, 'darwin')).toMatchObject({
      tool: 'imagesnap',
      device: undefined,
      width: undefined,
      warmUpMs: 1000,
    })
    expect(resolveWebcamOptions({}, 'win32')).toMatchObject({ tool: 'commandcam', device: undefined, warmUpMs: 2000 })
    expect(resolveWebcamOptions({}, 'freebsd').tool).toBe('fswebcam')
  })

  it.each([
    { device: '/dev/video12' },
    { device: '/dev/v4l/by-id/usb-046d_HD_Pro_Webcam_C920_6DAA-video-index0' },
    { device: '/dev/v4l/by-path/pci-0000:00:14.0-usb-0:1:1.0-video-index0' },
    { device: 'TEST' },
    { device: 'file:/home/Zoë/a picture.jpg' },
    { tool: 'imagesnap', device: 'FaceTime HD Camera (Built-in)' },
    { tool: 'imagesnap', device: 'Dirk’s iPhone' },
    { tool: 'imagesnap', device: "Dirk's iPhone" },
    { tool: 'imagesnap', device: '内蔵カメラ' },
    { tool: 'commandcam', device: 2 },
  ] satisfies WebcamSourceOptions[])('take a device as its tool names it: %o', (options) => {
    expect(resolveWebcamOptions(options).device).toBe(options.device)
  })

  it('take the number of a V4L2 device', () => {
    expect(resolveWebcamOptions({ tool: 'fswebcam', device: 3 }).device).toBe('/dev/video3')
  })

  it.each([
    '',
    'video0',
    '-',
    '--exec=id',
    '/etc/passwd',
    '/dev/video0; id',
    '/dev/video0 -S 3',
    '/dev/$(id)',
    '/dev/`id`',
    '/dev/video0\n',
    '/dev/video0\0',
    'raw:/etc/passwd',
    'file:relative.jpg',
    'file:/a"b.jpg',
    "file:/a'b.jpg",
    'file:/a:b.jpg',
    'file:/a\\b.jpg',
    `/dev/${'v'.repeat(1000)}`,
    {},
    Number.NaN,
    -1,
    1.5,
    256,
    true,
    null,
  ])('refuse a device that fswebcam might read in another way: %o', (device) => {
    expect(() => webcamSource({ tool: 'fswebcam', device: device as string })).toThrow(/Expected `device` to be/)
  })

  it.each(['', '-l', '$(id)', '`id`', 'a;b', 'a|b', 'a"b', 'a\\b', 'a\nb', 'a\0b', 0])(
    'refuse %o as the name of a Mac camera',
    (device) => {
      expect(() => webcamSource({ tool: 'imagesnap', device })).toThrow(/Expected `device` to be/)
    },
  )

  it.each([0, 1.5, '1', '1 /filename x'])('refuse %o as the number of a Windows camera', (device) => {
    expect(() => webcamSource({ tool: 'commandcam', device })).toThrow(/Expected `device` to be/)
  })

  it.each([
    [{ width: 0 }, /`width` to be an integer from 1 to 16384/],
    [{ width: '640; id' }, /`width` to be an integer/],
    [{ height: 1.5 }, /`height`/],
    [{ quality: 101 }, /`quality`/],
    [{ intervalMs: 99 }, /`intervalMs`/],
    [{ intervalMs: Number.POSITIVE_INFINITY }, /`intervalMs`/],
    [{ skipFrames: -1 }, /`skipFrames`/],
    [{ rotation: 45 }, /`rotation` to be one of 0, 90, 180, 270/],
    [{ rotation: '90 --exec id' }, /`rotation`/],
    [{ flip: 'h' }, /`flip` to be one of/],
    [{ timeoutMs: 0 }, /`timeoutMs`/],
    [{ reportEachExposure: 1 }, /`reportEachExposure`/],
    [{ tool: 'cheese' }, /`tool`/],
    [{ toolPath: '' }, /`toolPath`/],
    [{ toolPath: 'a\0b' }, /`toolPath`/],
    [{ title: 'x' }, /Unknown option `title` for webcamSource/],
    [{ warmUpMs: 2000 }, /`warmUpMs` is unknown to fswebcam: leave it out, use `skipFrames`/],
    [{ tool: 'imagesnap', width: 640 }, /`width` is unknown to imagesnap/],
    [{ tool: 'imagesnap', warmUpMs: 999 }, /`warmUpMs`/],
    [{ tool: 'imagesnap', warmUpMs: 9000 }, /`timeoutMs` to be more than the 9000 ms of `warmUpMs`/],
    [{ tool: 'commandcam', flip: 'both' }, /`flip` is unknown to commandcam/],
  ])('are refused at once when wrong: %o', (options, message) => {
    expect(() => webcamSource({ tool: 'fswebcam', ...options } as WebcamSourceOptions)).toThrow(message)
  })

  it('resolve to themselves: the capture worker makes the source anew from them', () => {
    for (const tool of ['fswebcam', 'imagesnap', 'commandcam'] as const) {
      const once = resolveWebcamOptions({ tool, rotation: 90 })
      expect(resolveWebcamOptions(structuredClone(once))).toEqual(once)
    }
  })
})
