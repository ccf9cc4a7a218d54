import { setTimeout as sleep } from 'node:timers/promises'
import { createPipeline } from '@snapmint/core'
import { readTimeCodeFromJpeg } from '@snapmint/source-sketch'
import { afterEach, expect, it } from 'vitest'
import { opencvSource } from '../dist/index.js'
import { startCamera, type TestCamera, until } from './fixtures/start-camera.js'
import { describeWithOpencv } from './fixtures/tools.js'

let camera: TestCamera | undefined
afterEach(() => camera?.close())

const FRAME_RATE = 5
const FRAME_MS = 1000 / FRAME_RATE

/** How old each picture was at its captureTime, by its own time code, in ms. */
async function agesOf(options: { path: string; frames: number; intervalMs?: number; filmedMs?: number }): Promise<number[]> {
  camera = await startCamera({ frameRate: FRAME_RATE, width: 1280, height: 720 })
  await sleep(options.filmedMs)
  const { path, frames, intervalMs } = options
  await using pipeline = createPipeline({ sources: { camera: opencvSource({ device: camera.url(path), intervalMs }) } })
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

describeWithOpencv('how old a picture is', () => {
  it('delivers no picture older than one and a half frame intervals when one a second is wanted of a camera with five', async () => {
    const ages = await agesOf({ path: '/video', frames: 6, intervalMs: 1000 })
    expect(Math.max(...ages)).toBeLessThan(1.5 * FRAME_MS)
    // A picture from before it was taken would be a wrong time code.
    expect(Math.min(...ages)).toBeGreaterThan(-5)
  })

  it('does not take the pictures that a server has kept for new ones', async () => {
    const ages = await agesOf({ path: '/video?memory=40', frames: 3, filmedMs: 4000 })
    expect(Math.max(...ages)).toBeLessThan(1.5 * FRAME_MS)
  })
})
