import assert from 'node:assert/strict'
import type { FrameSource } from '@snapmint/core'
import { ffmpegSource } from '@snapmint/source-ffmpeg'
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
import { isAskedFor, suite } from './lib/suite.js'
import { watch } from './lib/watch.js'

const camera = cameras.ffmpeg

/** Told to encode, it does not ask the camera for its formats first: each start of FFmpeg takes the machine seconds. */
const create = ({ device, width, height, toolPath }: CameraOptions): FrameSource =>
  ffmpegSource({ input: device, width, height, frameRate: 5, encode: 'jpeg', ffmpegPath: toolPath })

export const runningFfmpeg = runningCamera(() => create({ device: camera.device, ...size }))

const tests: CameraTests = { camera, create, running: runningFfmpeg, exposureMs: 200 }

export function ffmpegTests(): void {
  suite('ffmpeg', (it) => {
    absentCameraTests(it, tests)
    permissionTest(it, tests, 'ffmpeg')

    // Its rules start FFmpeg twenty times, a minute here; with files and streams they are run on the host.
    if (isAskedFor('ffmpeg › conformance')) {
      conformanceTests(it, {
        create: () => create({ device: camera.device, ...size }),
        capabilities: { usesPipelineClock: false },
        inUse: camera.isOpen,
      })
    }

    it('encodes what the camera does not, and says what size it gets where it does not have the one asked for', async () => {
      await using watched = await watch(ffmpegSource({ input: camera.device, width: 700, height: 500 }))
      await watched.more(1)
      const notice = watched.notices.find(({ message }) => message.includes('700×500'))
      assert.ok(notice !== undefined, 'a notice names what was asked for')
      const { width, height } = decode(await watched.picture(watched.frames[0]!.captureTime))
      assert.deepEqual(notice.details, { asked: { width: 700, height: 500 }, actual: { width, height } })
    })

    runningCameraTests(it, tests)
  })
}
