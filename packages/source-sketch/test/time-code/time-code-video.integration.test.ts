import { expect, it } from 'vitest'
import { readTimeCode } from '../../src/index.js'
import { describeWithFfmpeg, runFfmpeg } from '../fixtures/ffmpeg-tool.js'
import { takeFrames } from '../fixtures/take-frames.js'

const x264 = ['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '35', '-pix_fmt', 'yuv420p', '-f', 'h264', 'pipe:1']

/** The time codes of the pictures in a video. */
function readVideo(
  video: Uint8Array,
  inputFormat: string,
  width: number,
  height: number,
  filter: string,
): (number | undefined)[] {
  const pixels = runFfmpeg(
    [
      '-f',
      inputFormat,
      '-i',
      'pipe:0',
      '-vf',
      filter,
      '-fps_mode',
      'passthrough',
      '-f',
      'rawvideo',
      '-pix_fmt',
      'rgb24',
      'pipe:1',
    ],
    video,
  )
  const bytes = width * height * 3
  return Array.from({ length: pixels.length / bytes }, (_, n) =>
    readTimeCode({ data: pixels.subarray(n * bytes, (n + 1) * bytes), width, height }),
  )
}

describeWithFfmpeg('sketch pictures through FFmpeg', () => {
  it.each([
    [160, 120],
    [640, 480],
    [1280, 720],
    [1920, 1080],
  ])('keep their time codes in H.264 at crf 35: %i × %i', async (width, height) => {
    // A second of drawing between two frames: more motion than the codec likes.
    const frames = await takeFrames({ width, height, seed: 3, frameRate: 1 }, 25)
    const jpegs = Buffer.concat(frames.map(({ data }) => data))
    const video = runFfmpeg(['-f', 'mjpeg', '-framerate', '30', '-i', 'pipe:0', ...x264], jpegs)
    expect(video.length).toBeLessThan(jpegs.length / 4)
    expect(readVideo(video, 'h264', width, height, 'null')).toEqual(frames.map(({ captureTime }) => Math.round(captureTime)))
  })

  it('keep their time codes in 4K, scaled to a half and encoded again', async () => {
    const frames = await takeFrames({ width: 3840, height: 2160, seed: 3, frameRate: 1 }, 3)
    const jpegs = Buffer.concat(frames.map(({ data }) => data))
    const video = runFfmpeg(['-f', 'mjpeg', '-framerate', '30', '-i', 'pipe:0', '-vf', 'scale=1920:-2', ...x264], jpegs)
    expect(readVideo(video, 'h264', 1920, 1080, 'null')).toEqual(frames.map(({ captureTime }) => Math.round(captureTime)))
    expect(readVideo(video, 'h264', 1280, 720, 'scale=1280:-2')).toEqual(frames.map(({ captureTime }) => Math.round(captureTime)))
  })

  it.each([
    ['3/4', 1440, 810],
    ['2/3', 1280, 720],
    ['1/2', 960, 540],
    ['1/3', 640, 360],
    ['2', 3840, 2160],
  ])('keep their time codes when 1080p is scaled to %s', async (_, width, height) => {
    const frames = await takeFrames({ width: 1920, height: 1080, seed: 3, frameRate: 1 }, 5)
    const jpegs = Buffer.concat(frames.map(({ data }) => data))
    const codes = readVideo(jpegs, 'mjpeg', width, height, `scale=${width}:${height}`)
    expect(codes).toEqual(frames.map(({ captureTime }) => Math.round(captureTime)))
  })

  it('decode without a complaint, every one', async () => {
    const frames = await takeFrames({ width: 646, height: 362, seed: 9, frameRate: 0.5 }, 60)
    // -xerror ends the program at the first thing that it would otherwise only report.
    const sizes = runFfmpeg(
      [
        '-xerror',
        '-err_detect',
        'explode',
        '-f',
        'mjpeg',
        '-i',
        'pipe:0',
        '-fps_mode',
        'passthrough',
        '-f',
        'framecrc',
        'pipe:1',
      ],
      Buffer.concat(frames.map(({ data }) => data)),
    )
    expect(
      sizes
        .toString()
        .split('\n')
        .filter((line) => /^\d/.test(line)),
    ).toHaveLength(60)
  })
})
