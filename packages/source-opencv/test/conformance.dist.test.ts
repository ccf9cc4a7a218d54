import { join } from 'node:path'
import { frameSourceConformance } from '@snapmint/conformance'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { opencvSource } from '../dist/index.js'
import { makeVideo } from './fixtures/make-video.js'
import { startCamera, type TestCamera } from './fixtures/start-camera.js'
import { temporaryDirectory } from './fixtures/temporary-directory.js'
import { describeWithOpencv } from './fixtures/tools.js'

const directory = temporaryDirectory()
const video = join(directory, 'video.mp4')
const patience = { timeoutMs: 15_000, endWithinMs: 5000 }

describeWithOpencv('the contract of a frame source', () => {
  let camera: TestCamera | undefined
  beforeAll(async () => {
    await makeVideo({ path: video, frames: 25, frameRate: 25 })
    camera = await startCamera()
  })
  afterAll(() => camera?.close())

  frameSourceConformance({
    describe,
    it,
    name: 'opencvSource playing a file',
    create: () => opencvSource({ device: video }),
    capabilities: { finite: true },
    ...patience,
    failures: [
      {
        name: 'a file that does not exist',
        create: () => opencvSource({ device: join(directory, 'none.mp4') }),
        code: 'SNAPMINT_SOURCE_NOT_FOUND',
        retryable: false,
      },
      {
        name: 'a camera that is not there',
        create: () => opencvSource({ device: '/dev/video97' }),
        code: 'SNAPMINT_SOURCE_NOT_FOUND',
        retryable: true,
      },
    ],
  })

  frameSourceConformance({
    describe,
    it,
    name: 'opencvSource on a live stream',
    create: () => opencvSource({ device: camera?.url('/video') ?? '' }),
    inUse: () => (camera?.connections() ?? 0) > 0,
    ...patience,
    failures: [
      {
        name: 'a server that refuses',
        create: () => opencvSource({ device: 'http://admin:s3cret@127.0.0.1:9/' }),
        code: 'SNAPMINT_SOURCE_UNAVAILABLE',
        retryable: true,
      },
    ],
  })
})
