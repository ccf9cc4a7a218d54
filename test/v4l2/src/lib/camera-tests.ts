import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FrameSource } from '@snapmint/core'
import type { Camera } from './camera.js'
import { assertShows, decode } from './picture.js'
import type { It } from './suite.js'
import { assertGone, type Watched, watch } from './watch.js'

export interface CameraOptions {
  readonly device: string
  readonly width: number
  readonly height: number
  /** Stands in for the tool that the source runs. */
  readonly toolPath?: string
}

export interface CameraTests {
  readonly camera: Camera
  create(options: CameraOptions): FrameSource
  /** The camera while it runs: one pipeline for all tests of it, as starting one takes the machine seconds. Opened at its first use. */
  running(): Promise<Watched>
  /** A picture may show what came so many ms after its captureTime. */
  readonly exposureMs: number
}

/** Not what the camera gives unasked. */
export const size = { width: 320, height: 180 }

/** How long the driver may go on showing what it showed before, in ms: the picture under way, at ten a second, and what the emulator delays. */
const settleMs = 300

/** What every source has to do with a camera that cannot be used. These tests come before the camera runs. */
export function absentCameraTests(it: It, { camera, create }: CameraTests): void {
  const { device } = camera

  it('reports a camera that another program uses, and delivers once that has let go', async () => {
    const release = await camera.occupy()
    await using watched = await watch(create({ device, ...size }))
    try {
      await watched.until('a failure', () => watched.failures.length > 0)
      assert.equal(watched.failures[0]?.code, 'SNAPMINT_SOURCE_UNAVAILABLE', watched.failures[0]?.message)
      assert.equal(watched.frames.length, 0)
    } finally {
      await release()
    }
    await watched.more(2)
  })

  it('reports a camera that does not exist', async () => {
    await using watched = await watch(create({ device: '/dev/video9', ...size }))
    await watched.until('a failure', () => watched.failures.length > 0)
    assert.equal(watched.failures[0]?.code, 'SNAPMINT_SOURCE_NOT_FOUND', watched.failures[0]?.message)
    assert.match(watched.failures[0].message, /\/dev\/video9/)
  })
}

/** A tool whose right to open anything, which root has, is taken away. @returns the path of a program that runs it so */
async function withoutRights(tool: string): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), 'tool-')), tool)
  await writeFile(path, `#!/bin/sh\nexec setpriv --bounding-set=-dac_override,-dac_read_search ${tool} "$@"\n`, { mode: 0o755 })
  return path
}

/** Of sources that open the camera in a tool. */
export function permissionTest(it: It, { camera, create }: CameraTests, tool: string): void {
  it('gives up a camera that it may not open', async () => {
    const toolPath = await withoutRights(tool)
    await camera.permit(false)
    try {
      await using watched = await watch(create({ device: camera.device, ...size, toolPath }))
      await watched.until('a failure', () => watched.failures.length > 0)
      assert.equal(watched.failures[0]?.code, 'SNAPMINT_SOURCE_UNREADABLE', watched.failures[0]?.message)
      assert.equal(watched.failures[0].retryable, false)
    } finally {
      await camera.permit(true)
    }
  })
}

/** What every source has to do with a camera that runs. */
export function runningCameraTests(it: It, { camera, running, exposureMs }: CameraTests): void {
  it('delivers the picture of a moment to a directory, with its receipt', async () => {
    await camera.show('bars')
    const { pipeline, jobs, more } = await running()
    await more(1)
    const targetTime = pipeline.now()
    const outcome = await jobs.outcome(jobs.add({ targetTime }))
    assert.ok(outcome.status === 'done', `the job is done: ${JSON.stringify(outcome)}`)
    const [frame] = outcome.receipt.frames
    assert.ok(frame !== undefined)
    assert.equal(frame.offsetMs, frame.captureTime - targetTime)
    const data = await readFile(fileURLToPath(frame.uris[0]!))
    assert.equal(createHash('sha256').update(data).digest('hex'), frame.sha256)
    const { width, height } = decode(data)
    assert.deepEqual({ width, height }, size)
    assertShows('bars', data, 'the stored picture')
  })

  it('dates each picture by when it was taken', async () => {
    const watched = await running()
    const { frames, pipeline } = watched
    await camera.show('bars')
    const shown = pipeline.now()
    const old = () =>
      frames.filter(({ captureTime }) => captureTime > shown + settleMs && captureTime < pipeline.now() - exposureMs)
    await watched.until('two pictures of the time before the change', () => old().length >= 2)
    const before = pipeline.now()
    await camera.show('red')
    const after = pipeline.now()
    const young = () => frames.filter(({ captureTime }) => captureTime > after + settleMs)
    await watched.until('two pictures of the time after the change', () => young().length >= 2)
    for (const { captureTime } of frames) {
      const what = `the picture dated ${captureTime - after} ms after the change`
      if (captureTime > after + settleMs) assertShows('red', await watched.picture(captureTime), what)
      else if (captureTime > shown + settleMs && captureTime < before - exposureMs)
        assertShows('bars', await watched.picture(captureTime), what)
    }
  })

  it('reports a camera that is gone while it runs, and delivers again when it is back', async () => {
    const watched = await running()
    watched.failures.length = 0
    const giveBack = await camera.takeAway()
    try {
      await watched.until('two failures', () => watched.failures.length >= 2)
    } finally {
      await giveBack()
    }
    await watched.more(2)
    assertGone(watched)
  })
}
