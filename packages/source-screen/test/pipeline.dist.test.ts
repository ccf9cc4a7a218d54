import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createPipeline, memoryJobs, memorySink } from '@snapmint/core'
import { screenSource } from '@snapmint/source-screen'
import { describe, expect, it, onTestFinished } from 'vitest'
import { useEnvironment } from './fixtures/environment.js'
import { decode } from './fixtures/frames.js'
import { waitFor } from './fixtures/wait-for.js'
import { openXClient } from './fixtures/x-client.js'
import { startXServer, useXServer } from './fixtures/x-server.js'

const green = 0x20c040
const root = fileURLToPath(new URL('..', import.meta.url))

describe('screenSource in a pipeline', { timeout: 90_000 }, () => {
  it.each(['ffmpeg', 'native'] as const)('answers a job for a moment before a window was moved: %s', async (engine) => {
    const server = await useXServer()
    useEnvironment({ DISPLAY: server.display, XDG_SESSION_TYPE: 'x11' })
    const client = await openXClient(server.display)
    const window = await client.openWindow({ x: 20, y: 20, colour: green })
    const [jobs, sink] = [memoryJobs(), memorySink()]
    await using pipeline = createPipeline({ source: screenSource({ engine, frameRate: 20 }), jobs, sink })
    await pipeline.start()
    const targetTime = pipeline.now()
    const captured = () => pipeline.history('camera').reader.range(0, Number.POSITIVE_INFINITY)
    await waitFor(() => captured().filter(({ captureTime }) => captureTime > targetTime).length >= 3)
    await window.moveTo(400, 300)
    const after = pipeline.now()
    await waitFor(() => captured().some(({ captureTime }) => captureTime > after))
    const outcomes = await Promise.all([targetTime, pipeline.now()].map((time) => jobs.outcome(jobs.add({ targetTime: time }))))
    const shown = outcomes.map((outcome) => {
      if (outcome.status !== 'done') throw new Error(outcome.error.message)
      const { data } = sink.objects.get(outcome.receipt.frames[0]!.uris[0]!.slice('memory:'.length))!
      const picture = decode({ mimeType: 'image/jpeg', captureTime: 0, data })
      return [picture.at(60, 60), picture.at(440, 340)].map((colour) => ((colour >> 8) & 255) > 100)
    })
    expect(shown).toEqual([
      [true, false],
      [false, true],
    ])
  })

  it.each(['ffmpeg', 'native'] as const)(
    'goes on by itself when the X server comes back with another resolution: %s',
    async (engine) => {
      let server = await startXServer({ screens: ['320x240'] })
      onTestFinished(() => server.stop())
      useEnvironment({ DISPLAY: server.display, XDG_SESSION_TYPE: 'x11' })
      const codes: string[] = []
      await using pipeline = createPipeline({
        source: screenSource({ engine, frameRate: 20 }),
        jobs: memoryJobs(),
        sink: memorySink(),
        capture: { restart: { initialMs: 50, maxMs: 200 } },
      })
      pipeline.on('source:restarting', ({ error }) => codes.push(error.code))
      await pipeline.start()
      const number = Number(server.display.slice(1))
      await server.stop()
      await waitFor(() => codes.length >= 2)
      server = await startXServer({ screens: ['400x300'], number })
      await waitFor(() => pipeline.status().sources.camera.state === 'running' && widths().has(400))
      expect(new Set(codes)).toEqual(new Set(['SNAPMINT_SOURCE_UNAVAILABLE']))
      expect(widths()).toEqual(new Set([320, 400]))
      const times = pipeline
        .history('camera')
        .reader.range(0, Number.POSITIVE_INFINITY)
        .map(({ captureTime }) => captureTime)
      expect([...times].sort((a, b) => a - b)).toEqual(times)

      function widths(): Set<number | undefined> {
        return new Set(
          pipeline
            .history('camera')
            .reader.range(0, Number.POSITIVE_INFINITY)
            .map(({ codedWidth }) => codedWidth),
        )
      }
    },
  )
})

describe('the package as it is installed', () => {
  async function install(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'snapmint-screen-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const modules = join(folder, 'node_modules')
    await mkdir(join(modules, '@snapmint'), { recursive: true })
    await cp(join(root, 'dist'), join(modules, '@snapmint', 'source-screen', 'dist'), { recursive: true })
    await cp(join(root, 'package.json'), join(modules, '@snapmint', 'source-screen', 'package.json'))
    await symlink(join(root, '..', 'core'), join(modules, '@snapmint', 'core'))
    await cp(join(root, 'node_modules', 'x11', 'package.json'), join(modules, 'x11', 'package.json'))
    await cp(join(root, 'node_modules', 'x11', 'lib'), join(modules, 'x11', 'lib'), { recursive: true, dereference: true })
    return folder
  }

  function runIn(cwd: string, program: string, env: NodeJS.ProcessEnv): Promise<string> {
    return new Promise((resolve) => {
      const child = execFile(process.execPath, ['--input-type=module', '-e', program], { cwd, env }, (error, stdout, stderr) =>
        resolve(stdout + stderr + (error?.code ?? '')),
      )
      child.stdin?.end()
    })
  }

  it('needs none of the optional packages for X11, and names them when they are asked for', async () => {
    const server = await useXServer()
    const folder = await install()
    const program = (options: string) => `
      import { listDisplays, screenSource } from '@snapmint/source-screen'
      const now = () => performance.timeOrigin + performance.now()
      const signal = new AbortController().signal
      console.log((await listDisplays()).length)
      try {
        for await (const frame of screenSource(${options}).frames({ signal, now, allocate: (n) => new Uint8Array(n) })) { console.log(frame.codedWidth); break }
      } catch (error) { console.log(error.code, error.retryable, error.message) }`
    const env = { ...process.env, DISPLAY: server.display }
    expect(await runIn(folder, program('{}'), env)).toBe('1\n640\n')
    const said = await runIn(folder, program("{ engine: 'native' }"), env)
    expect(said).toMatch(
      /^1\nSNAPMINT_MISSING_DEPENDENCY false The package .* is not installed\. .*npm install node-screenshots@0\.2 @julusian\/jpeg-turbo@2\.3\.0/,
    )
    // Neither is there: the better one for X11 says so, and names the other.
    const nothing = await runIn(folder, program('{}'), { ...env, PATH: folder })
    expect(nothing).toMatch(
      /SNAPMINT_MISSING_DEPENDENCY false The program "ffmpeg" was not found\. .*apt install ffmpeg.*node-screenshots/,
    )
  })
})

describe('many pictures', { timeout: 120_000 }, () => {
  it('leave nothing behind: node-screenshots', async () => {
    const server = await useXServer({ screens: ['1280x720'] })
    const program = `
      const { default: factory } = await import(${JSON.stringify(new URL('../dist/screen-host.js', import.meta.url).href)})
      const now = () => performance.timeOrigin + performance.now()
      const sizes = []
      let frames = 0
      for await (const frame of factory({ engine: 'native', frameRate: 60 }).frames({ signal: new AbortController().signal, now, allocate: (n) => new Uint8Array(n) })) {
        frames += 1
        if (frames % 50 === 0) { globalThis.gc(); sizes.push(process.memoryUsage().rss) }
        if (frames === 300) break
      }
      console.log(JSON.stringify(sizes))`
    const output = await new Promise<string>((resolve, reject) =>
      execFile(
        process.execPath,
        ['--expose-gc', '--input-type=module', '-e', program],
        { env: { ...process.env, DISPLAY: server.display, XDG_SESSION_TYPE: 'x11' } },
        (error, stdout) => (error ? reject(error) : resolve(stdout)),
      ),
    )
    const sizes = JSON.parse(output) as number[]
    // 250 pictures are 920 MB as pixels.
    expect(sizes.at(-1)! - sizes[0]!).toBeLessThan(60 * 2 ** 20)
  })

  it('leave nothing behind: FFmpeg, over many runs', async () => {
    const server = await useXServer({ screens: ['320x240'] })
    const resources = () => process.getActiveResourcesInfo().filter((kind) => /Pipe|Process|TCP/.test(kind)).length
    const [segmentsBefore, resourcesBefore] = [await orphanedSegments(), resources()]
    for (let run = 0; run < 10; run += 1) {
      const abort = new AbortController()
      const context = {
        signal: abort.signal,
        now: () => performance.timeOrigin + performance.now(),
        allocate: (size: number) => new Uint8Array(size),
      }
      for await (const _ of screenSource({ display: server.display, frameRate: 60 }).frames(context)) break
    }
    await waitFor(() => resources() <= resourcesBefore)
    await waitFor(async () => (await orphanedSegments()).every((segment) => segmentsBefore.includes(segment)))
  })
})

/** Shared memory, through which an X server hands over pictures, whose maker is gone. */
async function orphanedSegments(): Promise<string[]> {
  const [, ...lines] = (await readFile('/proc/sysvipc/shm', 'utf8')).trim().split('\n')
  return lines
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , , , maker]) => !existsSync(`/proc/${maker}`))
    .map(([, id]) => String(id))
}
