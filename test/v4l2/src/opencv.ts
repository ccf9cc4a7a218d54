import assert from 'node:assert/strict'
import type { FrameSource } from '@snapmint/core'
import { listCameras, opencvSource } from '@snapmint/source-opencv'
import { cameras } from './lib/camera.js'
import { absentCameraTests, type CameraOptions, type CameraTests, runningCameraTests, size } from './lib/camera-tests.js'
import { conformanceTests } from './lib/conformance-tests.js'
import { assertShows, decode } from './lib/picture.js'
import { runningCamera } from './lib/running-camera.js'
import { suite } from './lib/suite.js'
import { watch } from './lib/watch.js'

/** Loading OpenCV alone takes the machine seconds. */
const timeoutMs = 60_000

const camera = cameras.opencv

const create = ({ device, width, height }: CameraOptions, intervalMs = 200): FrameSource =>
  opencvSource({ device, width, height, frameRate: 10, intervalMs, timeoutMs })

/** One frame a second of ten: the slow consumer that must not get old pictures. */
export const runningOpencv = runningCamera(() => create({ device: camera.device, ...size }, 1000))

const tests: CameraTests = { camera, create, running: runningOpencv, exposureMs: 200 }

export function opencvTests(): void {
  suite('opencv', (it) => {
    absentCameraTests(it, tests)
    conformanceTests(it, {
      create: () => create({ device: camera.device, ...size }),
      capabilities: { usesPipelineClock: false },
      inUse: camera.isOpen,
    })

    it('lists the cameras with the names that the kernel gives them, and their modes', async () => {
      const list = await listCameras({ timeoutMs })
      // Those that other tests use at this moment are not listed.
      assert.ok(list.some(({ device }) => device === camera.device))
      for (const { device, name, width, height } of list) {
        assert.equal(name, Object.values(cameras).find((one) => one.device === device)?.name)
        assert.ok(width >= 320 && height >= 180, `a mode of ${width} × ${height}`)
      }
    })

    it('says what mode it gets where the camera does not have the one asked for', async () => {
      await using watched = await watch(create({ device: camera.device, width: 700, height: 500 }))
      await watched.more(1)
      const notice = watched.notices.find(({ message }) => message.includes('700 × 500'))
      assert.ok(notice !== undefined, 'a notice names what was asked for')
      const { width, height } = decode(await watched.picture(watched.frames[0]!.captureTime))
      const { requested, actual, refused } = notice.details as Record<string, Record<string, unknown>>
      assert.deepEqual({ width: requested?.width, height: requested?.height }, { width: 700, height: 500 })
      assert.deepEqual({ width: actual?.width, height: actual?.height }, { width, height })
      assert.deepEqual(refused, ['width', 'height'])
    })

    runningCameraTests(it, tests)

    it('delivers the newest picture, not one that has waited in the driver, however seldom one is due', async () => {
      await camera.show('bars')
      const watched = await runningOpencv()
      await watched.more(2)
      await camera.show('red')
      // The first may have been read before; a reader that sleeps between two reads has up to four old ones in the driver's queue.
      await watched.more(2)
      const { captureTime } = watched.frames.at(-1)!
      assertShows('red', await watched.picture(captureTime), 'the second picture after the change')
    })
  })
}
