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
import { runningCamera } from './lib/running-camera.js'
import { suite } from './lib/suite.js'

const camera = cameras.ffmpeg

const create = ({ device, width, height, toolPath }: CameraOptions): FrameSource =>
  ffmpegSource({ input: device, width, height, frameRate: 5, inputOptions: ['-framerate', '10'], ffmpegPath: toolPath })

export const runningFfmpeg = runningCamera(() => create({ device: camera.device, ...size }))

const tests: CameraTests = { camera, create, running: runningFfmpeg, exposureMs: 200 }

export function ffmpegTests(): void {
  suite('ffmpeg', (it) => {
    absentCameraTests(it, tests)
    permissionTest(it, tests, 'ffmpeg')
    runningCameraTests(it, tests)
  })
}
