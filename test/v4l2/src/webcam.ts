import assert from 'node:assert/strict'
import type { FrameSource } from '@snapmint/core'
import { listWebcams, webcamSource } from '@snapmint/source-webcam'
import { cameras } from './lib/camera.js'
import {
  absentCameraTests,
  type CameraOptions,
  type CameraTests,
  permissionTest,
  runningCameraTests,
  size,
} from './lib/camera-tests.js'
import { conformanceTests } from './lib/conformance-tests.js'
import { decode } from './lib/picture.js'
import { runningCamera } from './lib/running-camera.js'
import { suite } from './lib/suite.js'
import { watch } from './lib/watch.js'

const camera = cameras.webcam

const create = (options: CameraOptions, intervalMs = 1000): FrameSource =>
  webcamSource({ ...options, intervalMs, timeoutMs: 60_000 })

/** Each picture takes the machine half a second of its processor, also while other sources are tested. */
export const runningWebcam = runningCamera(() => create({ device: camera.device, ...size }, 4000))

// Its captureTime is before the shutter: fswebcam opens the camera and takes the picture after it.
const tests: CameraTests = { camera, create, running: runningWebcam, exposureMs: 5000 }

export function webcamTests(): void {
  suite('webcam', (it) => {
    absentCameraTests(it, tests)
    permissionTest(it, tests, 'fswebcam')
    // It has the camera open for each picture only.
    conformanceTests(it, { create: () => create({ device: camera.device, ...size }) })

    it('lists the cameras by the names that the kernel gives them', async () => {
      const list = await listWebcams()
      assert.deepEqual(
        list,
        Object.values(cameras).map(({ device, name }) => ({ device, name })),
      )
    })

    it('says what size it gets where the camera does not have the one asked for', async () => {
      await using watched = await watch(create({ device: camera.device, width: 700, height: 500 }))
      await watched.more(1)
      const notice = watched.notices.find(({ message }) => message.includes('700 × 500'))
      assert.ok(notice !== undefined, 'a notice names what was asked for')
      const { width, height } = decode(await watched.picture(watched.frames[0]!.captureTime))
      assert.deepEqual(notice.details, { width, height })
      assert.notDeepEqual({ width, height }, { width: 700, height: 500 })
    })

    runningCameraTests(it, tests)
  })
}
