import { join } from 'node:path'
import { frameSourceConformance } from '@snapmint/conformance'
import { ffmpegSource } from '@snapmint/source-ffmpeg'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { describeWithFfmpeg, runFfmpeg } from './fixtures/ffmpeg-tool.js'
import { makeVideo } from './fixtures/make-video.js'
import { mjpegCamera, startHttpServer, type TestServer } from './fixtures/mjpeg-server.js'
import { temporaryDirectory } from './fixtures/temporary-directory.js'

const directory = temporaryDirectory()
const video = join(directory, 'video.mp4')
const plain = join(directory, 'plain.mp4')
const still = join(directory, 'still.jpg')
/** A start of ffmpeg takes a tenth of a second on an idle machine; this one may be busy. */
const patience = { timeoutMs: 15_000, endWithinMs: 5000 }

describeWithFfmpeg('the contract of a frame source', () => {
  let server: TestServer | undefined
  beforeAll(async () => {
    await makeVideo({ path: video, frames: 25, frameRate: 25 })
    await makeVideo({ path: plain, frames: 25, frameRate: 25, outputOptions: ['-bf', '0'] })
    await runFfmpeg(['-f', 'lavfi', '-i', 'testsrc2=size=320x180', '-frames:v', '1', still])
    server = await startHttpServer(mjpegCamera(still))
  })
  afterAll(() => server?.close())

  frameSourceConformance({
    describe,
    it,
    name: 'ffmpegSource playing a file',
    create: () => ffmpegSource({ input: video }),
    capabilities: { finite: true },
    ...patience,
    failures: [
      {
        name: 'a file that does not exist',
        create: () => ffmpegSource({ input: join(directory, 'none.mp4') }),
        code: 'SNAPMINT_SOURCE_NOT_FOUND',
        retryable: false,
      },
      {
        name: 'no ffmpeg',
        create: () => ffmpegSource({ input: video, ffmpegPath: join(directory, 'none') }),
        code: 'SNAPMINT_MISSING_DEPENDENCY',
        retryable: false,
      },
    ],
  })

  frameSourceConformance({
    describe,
    it,
    name: 'ffmpegSource playing a file as it is',
    create: () => ffmpegSource({ input: plain }),
    capabilities: { finite: true, video: true },
    ...patience,
  })

  frameSourceConformance({
    describe,
    it,
    name: 'ffmpegSource looping a file',
    create: () => ffmpegSource({ input: video, loop: true }),
    ...patience,
  })

  frameSourceConformance({
    describe,
    it,
    name: 'ffmpegSource on a live stream',
    create: () => ffmpegSource({ input: `http://127.0.0.1:${server?.port}/` }),
    // The suite would count the test's own server.
    capabilities: { resources: false, usesAllocate: true },
    inUse: () => (server?.connections() ?? 0) > 0,
    ...patience,
    failures: [
      {
        name: 'a server that refuses',
        create: () => ffmpegSource({ input: 'http://admin:s3cret@127.0.0.1:9/' }),
        code: 'SNAPMINT_SOURCE_UNAVAILABLE',
        retryable: true,
      },
    ],
  })
})
