import { describe, expect, it } from 'vitest'
import { chooseCamera } from '../src/camera.js'

describe('chooseCamera', () => {
  it.each([
    ['rtsp://admin:s3cret@10.0.0.7:8554/stream?user=admin&pwd=s3cret', 'rtsp://10.0.0.7:8554'],
    ['rtsp://admin:s3cret@10.0.0.7:99999/stream', 'rtsp://***'],
    ['rtsp://admin:s3/cret@10.0.0.7/stream', 'rtsp://***'],
    ['rtsp://admin:99/s3cret@10.0.0.7/stream', 'rtsp://***'],
    ['rtsp://admin:s3#cret@10.0.0.7/stream', 'rtsp://***'],
    ['RTSP://admin:5?s3cret@10.0.0.7/stream', 'RTSP://***'],
  ])('shows no password, however the URL is written: %s', async (input, title) => {
    expect((await chooseCamera({ input, screen: false })).title).toBe(title)
  })

  it('shows a device as it is called', async () => {
    expect((await chooseCamera({ input: '/dev/video9', screen: false })).title).toBe('/dev/video9')
  })
})
