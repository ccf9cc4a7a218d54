import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { planDevice } from '../../src/input/plan-device.js'

describe('planDevice', () => {
  it('opens cameras by number and by path with V4L2 on Linux, never with whatever OpenCV would choose', () => {
    expect(planDevice({ device: 2 }, 'linux')).toMatchObject({ kind: 'camera', target: 2, path: '/dev/video2', backend: 'v4l2' })
    for (const path of ['/dev/video0', '/dev/v4l/by-id/usb-046d_C920-video-index0'])
      expect(planDevice({ device: path }, 'linux')).toMatchObject({ kind: 'camera', target: path, path, backend: 'v4l2' })
  })

  it('opens cameras with the system part of macOS and of Windows', () => {
    expect(planDevice({ device: 0 }, 'darwin')).toMatchObject({ kind: 'camera', backend: 'avfoundation', path: undefined })
    expect(planDevice({ device: 0 }, 'win32')).toMatchObject({ kind: 'camera', backend: 'dshow' })
    expect(planDevice({ device: 0, backend: 'msmf' }, 'win32')).toMatchObject({ backend: 'msmf' })
  })

  it('takes paths for files, absolute, so that no part of them is read as a protocol', () => {
    expect(planDevice({ device: 'concat:a.mp4' })).toMatchObject({
      kind: 'file',
      target: resolve('concat:a.mp4'),
      backend: 'ffmpeg',
      live: false,
    })
    expect(planDevice({ device: 'file:///tmp/a%20b.mp4' })).toMatchObject({ kind: 'file', target: '/tmp/a b.mp4' })
  })

  it('takes URLs for live, except those that end like a recording', () => {
    expect(planDevice({ device: 'rtsp://10.0.0.7/mp4' })).toMatchObject({ kind: 'stream', scheme: 'rtsp', live: true })
    expect(planDevice({ device: 'https://host/talk.mp4?key=1' })).toMatchObject({ live: false })
    expect(planDevice({ device: 'https://host/talk.mp4', live: true })).toMatchObject({ live: true })
  })

  it.each([
    ['rtsp://admin:s3cret@10.0.0.7:554/stream1', '"rtsp://***@10.0.0.7:554/stream1"'],
    ['rtsp://admin:s3/c@r?et@10.0.0.7/a', '"rtsp://***@10.0.0.7/a"'],
    ['http://10.0.0.7/video?token=s3cret', '"http://10.0.0.7/video?***"'],
    ['http://10.0.0.7/video&pwd=s3cret', '"http://10.0.0.7/video?***"'],
  ])('shows %s without its secrets', (device, label) => {
    expect(planDevice({ device }).label).toBe(label)
  })
})
