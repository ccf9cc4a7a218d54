import { createPipeline } from '@snapmint/core'
import { readTimeCodeFromJpeg } from '@snapmint/source-sketch'
import { expect, it, onTestFinished } from 'vitest'
import { opencvSource } from '../dist/index.js'
import { startRtspCamera } from './fixtures/rtsp-camera.js'
import { startCamera, until } from './fixtures/start-camera.js'
import { describeWithOpencv } from './fixtures/tools.js'

const FRAME_RATE = 5
const FRAME_MS = 1000 / FRAME_RATE

/** How old each picture was at its captureTime, by its own time code, in ms. */
async function agesOf(options: Parameters<typeof opencvSource>[0], frames: number): Promise<number[]> {
  await using pipeline = createPipeline({ sources: { camera: opencvSource(options) } })
  await pipeline.start()
  const history = pipeline.history('camera').reader
  const times = () => history.range(0, Number.POSITIVE_INFINITY).map(({ captureTime }) => captureTime)
  await until(() => times().length >= frames, `${frames} frames had come`)
  const stills = await Promise.all(times().map((at) => pipeline.snapshot('camera', { at })))
  return stills.map(({ captureTime, data }) => {
    const code = readTimeCodeFromJpeg(data)
    if (code === undefined) throw new Error(`The picture of ${captureTime} has no legible time code`)
    return captureTime - code
  })
}

function expectFresh(ages: readonly number[]): void {
  expect(Math.max(...ages)).toBeLessThan(1.5 * FRAME_MS)
  // A picture that is dated before it was made.
  expect(Math.min(...ages)).toBeGreaterThan(-0.5 * FRAME_MS)
}

/** Other work may keep the machine from reading at all for a moment; a loop that reads late does so each time. */
const patience = { retry: 2, timeout: 90_000 }

describeWithOpencv('how old a picture is at its captureTime', () => {
  it(
    'is less than one and a half frame intervals when one frame a second is wanted of a camera with five',
    patience,
    async () => {
      const camera = await startCamera({ frameRate: FRAME_RATE, width: 1280, height: 720 })
      onTestFinished(camera.close)
      expectFresh(await agesOf({ device: camera.url('/video'), intervalMs: 1000 }, 6))
    },
  )

  it('is less than that for H.264 over RTSP, of which the decoder holds several pictures back', patience, async () => {
    const camera = await startRtspCamera(FRAME_RATE)
    onTestFinished(camera.close)
    expectFresh(await agesOf({ device: camera.url, intervalMs: 1000 }, 5))
  })
})
