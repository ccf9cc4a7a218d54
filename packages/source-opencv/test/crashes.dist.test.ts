import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { opencvSource } from '../dist/index.js'
import { makeVideo } from './fixtures/make-video.js'
import { runInline } from './fixtures/run-inline.js'
import { startCamera, type TestCamera } from './fixtures/start-camera.js'
import { temporaryDirectory } from './fixtures/temporary-directory.js'
import { describeWithOpencv, runFfmpeg } from './fixtures/tools.js'

const directory = temporaryDirectory()
const video = join(directory, 'video.mp4')
const long = join(directory, 'long.mp4')
const env = opencvSource({ device: 0 }).host?.env ?? {}

/*
 * What ends a process that uses the native module carelessly, or stops it for half a minute. Each case was seen to fail without the adapter's remedy.
 */
describeWithOpencv('what makes the native module crash or hang', () => {
  let camera: TestCamera | undefined
  beforeAll(async () => {
    await makeVideo({ path: video, frames: 250, frameRate: 25 })
    await runFfmpeg(['-stream_loop', '5', '-i', video, '-c', 'copy', long])
    camera = await startCamera({ frameRate: 50 })
  })
  afterAll(() => camera?.close())

  it('survives the garbage collector with four devices in one process and thousands of pictures', async () => {
    const source = { device: long, live: true }
    const { told, exitSignal, exitCode } = await runInline({ sources: [source, source, source, source] }, { env })
    expect({ exitCode, exitSignal }).toEqual({ exitCode: 0, exitSignal: null })
    expect(told.filter(({ code }) => code === 'SNAPMINT_SOURCE_ENDED')).toHaveLength(4)
  })

  it('keeps threads free for others while many devices are silent', async () => {
    const device = camera?.url('/video?silentAfter=10') ?? ''
    const sources = Array.from({ length: 6 }, () => ({ device, timeoutMs: 60_000 }))
    const { told } = await runInline(
      { sources, statAfter: 6 },
      { env, until: ({ type }) => type === 'stat' || type === 'failed' },
    )
    expect(told.at(-1)).toEqual({ type: 'stat' })
  }, 90_000)

  it('prints nothing, and needs no package.json where it runs', async () => {
    const cwd = temporaryDirectory()
    writeFileSync(join(cwd, 'package.json'), '{ damaged')
    const { told, output } = await runInline({ sources: [{ device: video, live: true }] }, { cwd })
    expect(told.filter(({ type }) => type === 'frame').length).toBeGreaterThan(0)
    expect(output).toBe('')
  })

  it('runs in a process of its own, and refuses a worker thread instead of ending the process', async () => {
    const host = opencvSource({ device: video }).host
    expect(host?.kind).toBe('process')
    const code = `
      import { parentPort } from 'node:worker_threads'
      const { default: factory } = await import(${JSON.stringify(host?.module.href)})
      const context = { signal: new AbortController().signal, now: Date.now }
      await factory({ device: ${JSON.stringify(video)} }).frames(context).next().catch((error) => parentPort.postMessage(error.code))`
    const said = await new Promise((resolve, reject) => {
      const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`))
      worker.on('message', resolve).on('error', reject)
    })
    expect(said).toBe('SNAPMINT_SOURCE_FAILED')
  })

  it.each([
    ['HTTP', () => camera?.url('/silent', 'admin:s3cret') ?? ''],
    ['RTSP', () => `rtsp://admin:s3cret@127.0.0.1:${camera?.mutePort}/studio`],
  ])(
    'gives up a server that accepts and says nothing over %s long before the 30 s of OpenCV',
    async (_name, device) => {
      const { told } = await runInline({ sources: [{ device: device(), timeoutMs: 500 }] }, { env })
      expect(told).toHaveLength(1)
      expect(told[0]).toMatchObject({ type: 'failed', code: 'SNAPMINT_SOURCE_UNAVAILABLE' })
      expect(told[0]?.message).not.toContain('s3cret')
    },
    20_000,
  )

  it('gives up a stream that falls silent', async () => {
    const { told } = await runInline(
      { sources: [{ device: camera?.url('/video?silentAfter=20') ?? '', timeoutMs: 500 }] },
      { env },
    )
    expect(told.filter(({ type }) => type === 'frame').length).toBeGreaterThan(0)
    expect(told.at(-1)).toMatchObject({ type: 'failed', code: 'SNAPMINT_SOURCE_UNAVAILABLE' })
  }, 20_000)
})
