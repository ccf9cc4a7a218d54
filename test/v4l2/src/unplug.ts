import { runningFfmpeg } from './ffmpeg.js'
import { cameras, plugInAll, unplugAll } from './lib/camera.js'
import { assertShows } from './lib/picture.js'
import { closeRunningCameras } from './lib/running-camera.js'
import { suite } from './lib/suite.js'
import { assertGone, type Watched } from './lib/watch.js'
import { runningOpencv } from './opencv.js'
import { runningWebcam } from './webcam.js'

const all = (sources: readonly Watched[], body: (source: Watched) => Promise<void>) => Promise.all(sources.map(body))

/** The driver's cameras go together: so it is for all sources at once, when no other test uses one. */
export function unplugTests(): void {
  suite('ffmpeg, opencv and webcam', (it) => {
    it('report cameras that are unplugged while they run, and deliver again when these are plugged in', async () => {
      const sources = await Promise.all([runningFfmpeg(), runningOpencv(), runningWebcam()])
      await all(sources, (source) => source.more(1))
      for (const { failures } of sources) failures.length = 0
      await unplugAll()
      await all(sources, (source) =>
        source.until('a run that does not find the camera', () =>
          source.failures.some(({ code }) => code === 'SNAPMINT_SOURCE_NOT_FOUND'),
        ),
      )
      await plugInAll()
      await Promise.all(Object.values(cameras).map((camera) => camera.show('bars')))
      await all(sources, async (source) => {
        await source.more(2)
        assertGone(source)
        assertShows('bars', await source.picture(source.frames.at(-1)!.captureTime), 'the picture after it was plugged in')
      })
    })

    it('have dated each frame after the one before it, over all that has happened, and none ahead of its time', async () => {
      const sources = await Promise.all([runningFfmpeg(), runningOpencv(), runningWebcam()])
      await all(sources, (source) => source.more(1))
      await closeRunningCameras()
    })
  })
}
