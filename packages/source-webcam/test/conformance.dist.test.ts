import { join } from 'node:path'
import { frameSourceConformance } from '@snapmint/conformance'
import { createPipeline } from '@snapmint/core'
import { webcamSource } from '@snapmint/source-webcam'
import { beforeAll, describe, expect, it } from 'vitest'
import { barOf, decodePicture } from './fixtures/pixels.js'
import { writeStubTool } from './fixtures/stub-tool.js'
import { temporaryDirectory } from './fixtures/temporary-directory.js'

const directory = temporaryDirectory()
const imagesnap = join(directory, 'imagesnap')
const hangs = join(directory, 'hangs')
const truncates = join(directory, 'truncates')
const small = { tool: 'fswebcam', device: 'TEST', width: 320, height: 180, intervalMs: 100 } as const
/** Programs are started for each picture, and this machine may be busy. */
const patience = { timeoutMs: 20_000, endWithinMs: 5000 }

describe('the contract of a frame source', () => {
  beforeAll(async () => {
    await writeStubTool(imagesnap, 'fs.writeFileSync(file, jpeg)')
    await writeStubTool(hangs, 'sleep(60000)')
    await writeStubTool(truncates, 'process.stdout.write(jpeg.subarray(0, -2))')
  })

  frameSourceConformance({
    describe,
    it,
    name: 'webcamSource with fswebcam',
    create: () => webcamSource(small),
    ...patience,
    failures: [
      {
        name: 'no such camera',
        create: () => webcamSource({ tool: 'fswebcam', device: '/dev/video255' }),
        code: 'SNAPMINT_SOURCE_NOT_FOUND',
        retryable: true,
      },
      {
        name: 'no fswebcam',
        create: () => webcamSource({ ...small, toolPath: join(directory, 'none') }),
        code: 'SNAPMINT_MISSING_DEPENDENCY',
        retryable: false,
      },
      {
        name: 'a tool that hangs',
        create: () => webcamSource({ ...small, toolPath: hangs, timeoutMs: 300 }),
        code: 'SNAPMINT_SOURCE_UNAVAILABLE',
        retryable: true,
      },
      {
        name: 'a picture that breaks off',
        create: () => webcamSource({ ...small, toolPath: truncates }),
        code: 'SNAPMINT_SOURCE_UNREADABLE',
        retryable: true,
      },
    ],
  })

  frameSourceConformance({
    describe,
    it,
    name: 'webcamSource with imagesnap',
    create: () => webcamSource({ tool: 'imagesnap', toolPath: imagesnap, intervalMs: 100 }),
    ...patience,
  })
})

describe('webcamSource in a pipeline', () => {
  it('captures in a worker, and tells how long the exposure takes', async () => {
    await using pipeline = createPipeline({ sources: { desk: webcamSource(small) } })
    const notices: string[] = []
    pipeline.on('source:notice', ({ message }) => notices.push(message))
    await pipeline.start()
    const still = await pipeline.snapshot('desk', { at: pipeline.now() })
    const picture = await decodePicture(still.data, 320, 180)
    expect([0.05, 0.45, 0.95].map((x) => barOf(picture.at(x, 0.95)))).toEqual([0, 3, 7])
    await expect.poll(() => notices.find((message) => message.includes('after captureTime')), { timeout: 10_000 }).toBeDefined()
  })

  it('comes back after a tool that fails now and then', async () => {
    const counter = JSON.stringify(join(directory, 'count'))
    const body = `fs.appendFileSync(${counter}, 'x'); process.stdout.write(fs.statSync(${counter}).size % 2 ? jpeg.subarray(0, 300) : jpeg)`
    const toolPath = await writeStubTool(join(directory, 'flaky'), body)
    await using pipeline = createPipeline({ sources: { desk: webcamSource({ ...small, toolPath }) } })
    const codes: string[] = []
    pipeline.on('source:restarting', ({ error }) => codes.push((error as { code?: string } | undefined)?.code ?? ''))
    await pipeline.start()
    await expect.poll(() => pipeline.status().sources.desk.history.frames, { timeout: 20_000 }).toBeGreaterThanOrEqual(2)
    expect(codes).toContain('SNAPMINT_SOURCE_UNREADABLE')
  })
})
