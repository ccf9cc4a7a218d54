import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { createPipeline, SnapmintError } from '@snapmint/core'
import { afterEach, beforeAll, expect, it } from 'vitest'
import { listCameras, opencvSource } from '../dist/index.js'
import { makeVideo } from './fixtures/make-video.js'
import { startCamera, type TestCamera, until } from './fixtures/start-camera.js'
import { temporaryDirectory } from './fixtures/temporary-directory.js'
import { describeWithOpencv } from './fixtures/tools.js'

const directory = temporaryDirectory()
const video = join(directory, 'video.mp4')
let camera: TestCamera | undefined
afterEach(() => camera?.close())

/** Processes below this one, by their command line. */
function children(): string[] {
  const lines = execFileSync('ps', ['-axo', 'pid=,ppid=,args='], { encoding: 'utf8' }).trim().split('\n')
  const rows = lines.map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line)!.slice(1) as [string, string, string])
  const below = new Set([String(process.pid)])
  for (let size = 0; size !== below.size; ) {
    size = below.size
    for (const [pid, parent] of rows) if (below.has(parent)) below.add(pid)
  }
  return rows.filter(([pid, , args]) => below.has(pid) && args.includes('capture-child')).map(([pid]) => pid)
}

describeWithOpencv('a pipeline with OpenCV', () => {
  beforeAll(() => makeVideo({ path: video, frames: 20, frameRate: 20 }))

  it('plays a file in a child that is gone at its end', async () => {
    await using pipeline = createPipeline({ sources: { camera: opencvSource({ device: video }) } })
    const ended = new Promise<void>((resolve) => pipeline.on('source:ended', () => resolve()))
    await pipeline.start()
    expect(children()).toHaveLength(1)
    await ended
    expect(pipeline.history('camera').reader.range(0, Number.POSITIVE_INFINITY)).toHaveLength(20)
    await until(() => children().length === 0, 'the child was gone')
  })

  it('starts a camera anew when its process is killed', async () => {
    camera = await startCamera()
    await using pipeline = createPipeline({
      sources: { camera: opencvSource({ device: camera.url('/video') }) },
      capture: { restart: { initialMs: 50 } },
    })
    const codes: string[] = []
    pipeline.on('source:restarting', ({ error }) => codes.push(error.code))
    await pipeline.start()
    const [pid] = children()
    process.kill(Number(pid), 'SIGSEGV')
    await until(() => codes.length > 0, 'the crash was seen')
    const crashedAt = pipeline.now()
    await until(() => (pipeline.history('camera').reader.newest()?.captureTime ?? 0) > crashedAt, 'new frames came')
    expect(codes).toEqual(['SNAPMINT_SOURCE_CRASHED'])
  })

  it('stops at once while a silent server keeps OpenCV from coming back', async () => {
    camera = await startCamera()
    const source = opencvSource({ device: camera.url('/silent'), timeoutMs: 600_000 })
    const pipeline = createPipeline({ sources: { camera: source } })
    const starting = pipeline.start().catch(() => {})
    await until(() => (camera?.connections() ?? 0) > 0, 'it was connected')
    await pipeline.stop()
    await starting
    await until(() => children().length === 0, 'the child was gone')
  })

  it('does not start with a file that does not exist, and says so', async () => {
    const pipeline = createPipeline({ sources: { camera: opencvSource({ device: join(directory, 'none.mp4') }) } })
    const error = await pipeline.start().catch((thrown: unknown) => thrown)
    expect(SnapmintError.isInstance(error) && error.code).toBe('SNAPMINT_SOURCE_NOT_FOUND')
    await pipeline.stop()
  })

  it('lists the cameras of this machine, of which there may be none, and refuses options that it does not know', async () => {
    for (const { device, width, height } of await listCameras()) {
      expect(['string', 'number']).toContain(typeof device)
      expect(width * height).toBeGreaterThan(0)
    }
    await expect(listCameras({ timeout: 5 } as object)).rejects.toThrow('`timeout`')
    await expect(listCameras({ signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough')
  })
})
