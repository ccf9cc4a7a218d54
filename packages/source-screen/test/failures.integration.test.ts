import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { SnapmintError } from '@snapmint/core/adapter'
import { describe, expect, it, onTestFinished } from 'vitest'
import { listDisplays, listWindows, type ScreenSourceOptions, screenSource } from '../src/index.js'
import { useEnvironment } from './fixtures/environment.js'
import { captureContext, startReading } from './fixtures/frames.js'
import { sourceOf } from './fixtures/in-child.js'
import { waitFor } from './fixtures/wait-for.js'
import { openXClient } from './fixtures/x-client.js'
import { useXServer } from './fixtures/x-server.js'

const green = 0x20c040

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'snapmint-screen-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** What a run ends with. */
async function failureOf(options: ScreenSourceOptions): Promise<SnapmintError> {
  return (await startReading(screenSource(options)).ended) as SnapmintError
}

/** The processes that have `text` in their arguments. */
async function processesWith(text: string): Promise<number[]> {
  const found: number[] = []
  for (const name of await readdir('/proc')) {
    const line = /^\d+$/.test(name) ? await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '') : ''
    if (line.startsWith('ffmpeg') && line.includes(`\0${text}\0`)) found.push(Number(name))
  }
  return found
}

describe('what is asked for and is not there', () => {
  it('says what to set when there is no DISPLAY', async () => {
    useEnvironment({ DISPLAY: undefined, WAYLAND_DISPLAY: undefined, XDG_SESSION_TYPE: undefined })
    for (const failing of [startReading(screenSource()).ended, listDisplays(), listWindows()]) {
      const error = await failing.catch((reason) => reason)
      expect(error).toMatchObject({ code: 'SNAPMINT_SOURCE_NOT_FOUND', retryable: false, adapter: 'screen' })
      expect((error as Error).message).toMatch(/DISPLAY is not set.*Set it to .*`:0`.*XAUTHORITY.*Xvfb/s)
    }
  })

  it.each([':4711', 'localhost:4711'])('says that the X server %s does not run', async (display) => {
    const error = await failureOf({ display })
    expect(error).toMatchObject({ code: 'SNAPMINT_SOURCE_UNAVAILABLE', retryable: true })
    expect(error.message).toContain(`The X server ${display}.0 cannot be reached`)
  })

  it('tells a missing or wrong cookie from a server that does not run', async () => {
    const folder = await temporaryFolder()
    const field = (value: Buffer) => Buffer.concat([Buffer.from([0, value.length]), value])
    const entry = (cookie: number) =>
      Buffer.concat([
        Buffer.from([0xff, 0xff]),
        ...['', '', 'MIT-MAGIC-COOKIE-1'].map((text) => field(Buffer.from(text))),
        field(Buffer.alloc(16, cookie)),
      ])
    await writeFile(join(folder, 'right'), entry(7))
    await writeFile(join(folder, 'wrong'), entry(8))
    const server = await useXServer({ args: ['-auth', join(folder, 'right')] })
    for (const [file, message] of [
      ['none', /XAUTHORITY has to name/],
      ['wrong', /XAUTHORITY has to name/],
      ['.', /XAUTHORITY\), cannot be read: EISDIR/],
    ] as const) {
      useEnvironment({ XAUTHORITY: join(folder, file) })
      const error = await failureOf({ display: server.display })
      expect(error).toMatchObject({ code: 'SNAPMINT_SOURCE_UNAUTHORIZED', retryable: true })
      expect(error.message).toMatch(message)
    }
    useEnvironment({ XAUTHORITY: join(folder, 'right') })
    expect(await listDisplays({ display: server.display })).toHaveLength(1)
    const run = startReading(screenSource({ display: server.display }))
    await run.until(({ length }) => length > 0)
    await run.stop()
  })

  it('lists what there is instead, and does not cut a region to fit', async () => {
    const server = await useXServer()
    const { display } = server
    const client = await openXClient(display)
    await client.openWindow({ x: 0, y: 0, colour: green, title: 'Editor – a' })
    await client.openWindow({ x: 200, y: 0, colour: green, title: 'Editor – b' })
    await client.openWindow({ x: 600, y: 300, colour: green, title: 'Beyond' })
    useEnvironment({ DISPLAY: display })
    const cases: readonly [ScreenSourceOptions, RegExp][] = [
      [{ display: 3 }, /no display 3\. There are: 0 = ":\d+\.0\/screen" \(screen, 640×480\)/],
      [{ display: 'HDMI-9' }, /no display with the id or name "HDMI-9"/],
      [{ display: `${display}.4` }, /has no screen :\d+\.4, only 1/],
      [
        { region: { x: 640, y: 0, width: 1, height: 1 } },
        /region 1×1 at \(640, 0\) lies outside display ".*", which has 640×480 pixels/,
      ],
      [{ region: { x: 0, y: 470, width: 20, height: 11 } }, /lies partly outside/],
      [{ window: { title: 'Player' } }, /no visible window titled "Player"\. There are 3 others: `listWindows/],
      [{ window: { title: 'editor' } }, /Several windows are titled "editor".*one of \d+, \d+$/],
      [{ window: { id: 12345 } }, /no visible window with the id 12345/],
      [{ window: { title: 'Beyond' } }, /reaches beyond the screen/],
      [
        { window: { title: 'Editor – a' }, region: { x: 0, y: 0, width: 121, height: 1 } },
        /partly outside window "Editor – a", which has 120×80/,
      ],
    ]
    for (const [options, message] of cases) {
      const error = await failureOf(options)
      expect(error.message).toMatch(message)
      expect(error.code).toMatch(/^SNAPMINT_SOURCE_(NOT_FOUND|UNAVAILABLE)$/)
      expect(error.retryable).toBe(true)
    }
  })
})

describe('what happens during a run', () => {
  it.each(['ffmpeg', 'native'] as const)('ends when the X server dies: %s', async (engine) => {
    const server = await useXServer()
    useEnvironment({ DISPLAY: server.display })
    const run = startReading(sourceOf({ engine, frameRate: 20 }))
    await run.until(({ length }) => length >= 2)
    await server.stop()
    expect(await run.ended).toMatchObject({ code: 'SNAPMINT_SOURCE_UNAVAILABLE', retryable: true })
  })

  it.each(['ffmpeg', 'native'] as const)(
    'ends when the resolution changes, up or down, and says from what to what: %s',
    async (engine) => {
      const server = await useXServer()
      useEnvironment({ DISPLAY: server.display })
      const client = await openXClient(server.display)
      for (const [from, width, height] of [
        ['640×480', 400, 300],
        ['400×300', 640, 480],
      ] as const) {
        const run = startReading(sourceOf({ engine, frameRate: 20 }))
        await run.until(({ length }) => length >= 2)
        expect(`${run.frames[0]!.codedWidth}×${run.frames[0]!.codedHeight}`).toBe(from)
        await client.setResolution(width, height)
        const error = (await run.ended) as SnapmintError
        expect(error).toMatchObject({ retryable: true })
        // The steps in between, with the monitor off, may be seen first.
        expect(error.code).toMatch(/^SNAPMINT_SOURCE_(ENDED|UNAVAILABLE)$/)
        expect(new Set(run.frames.map(({ codedWidth }) => codedWidth)).size).toBe(1)
      }
    },
  )

  it('goes on when the resolution changes to what it was', async () => {
    const server = await useXServer()
    const client = await openXClient(server.display)
    const run = startReading(
      screenSource({ display: server.display, region: { x: 0, y: 0, width: 100, height: 100 }, frameRate: 20 }),
    )
    await run.until(({ length }) => length >= 2)
    await client.setMonitors([{ name: 'whole', x: 0, y: 0, width: 640, height: 480 }])
    const seen = run.frames.length
    await run.until(({ length }) => length >= seen + 4)
    await run.stop()
    expect(await run.ended).toBeUndefined()
  })

  it.each(['close', 'hide', 'resize'] as const)('ends when its window is told to %s', async (act) => {
    const server = await useXServer()
    const client = await openXClient(server.display)
    const window = await client.openWindow({ x: 10, y: 10, colour: green, title: 'Editor' })
    const run = startReading(screenSource({ display: server.display, window: { title: 'Editor' }, frameRate: 20 }))
    await run.until(({ length }) => length >= 2)
    await (act === 'resize' ? window.resize(200, 120) : window[act]())
    const error = (await run.ended) as SnapmintError
    expect(error).toMatchObject({ code: 'SNAPMINT_SOURCE_ENDED', retryable: true })
    expect(error.message).toMatch(act === 'resize' ? /has changed its size to 200×120/ : /was closed or hidden/)
  })

  it('ends when its window is moved beyond the edge of the screen', async () => {
    const server = await useXServer()
    const client = await openXClient(server.display)
    const window = await client.openWindow({ x: 10, y: 10, colour: green, title: 'Editor' })
    const run = startReading(screenSource({ display: server.display, window: { id: window.id }, frameRate: 20 }))
    await run.until(({ length }) => length >= 2)
    await window.moveTo(600, 10)
    const error = (await run.ended) as SnapmintError
    expect(error).toMatchObject({ code: 'SNAPMINT_SOURCE_UNAVAILABLE', retryable: true })
    expect(error.message).toMatch(/reaches beyond the screen/)
  })

  it('reports an FFmpeg that is killed, and leaves none behind', async () => {
    const server = await useXServer()
    const run = startReading(screenSource({ display: server.display, frameRate: 20 }))
    await run.until(({ length }) => length >= 1)
    const [pid] = await processesWith(`${server.display}.0`)
    process.kill(pid!, 'SIGKILL')
    expect(await run.ended).toMatchObject({ code: 'SNAPMINT_SOURCE_CRASHED', retryable: true })
    expect(await processesWith(`${server.display}.0`)).toEqual([])
  })

  it('leaves out what FFmpeg missed while it was held up, and goes on', async () => {
    const server = await useXServer()
    const notices: string[] = []
    const run = startReading(screenSource({ display: server.display, frameRate: 20 }), (message) => notices.push(message))
    await run.until(({ length }) => length >= 2)
    const [pid] = await processesWith(`${server.display}.0`)
    process.kill(pid!, 'SIGSTOP')
    await delay(3000)
    process.kill(pid!, 'SIGCONT')
    const resumed = run.frames.length
    await waitFor(() => notices.length > 0)
    expect(notices[0]).toMatch(/held up .* left out/)
    // Of the sixty that are owed three show it; what the first one is made of may have been on its way.
    expect(run.frames.length - resumed).toBeLessThan(30)
    const seen = run.frames.length
    await run.until(({ length }) => length >= seen + 4)
    expect(await processesWith(`${server.display}.0`)).not.toContain(pid)
    await run.stop()
    expect(await processesWith(`${server.display}.0`)).toEqual([])
    const times = run.frames.map(({ captureTime }) => captureTime)
    expect(times).toEqual([...times].sort((a, b) => a - b))
  })

  it('ends at once when it is told to while FFmpeg sleeps between two pictures, or the X server hangs', async () => {
    const server = await useXServer()
    const run = startReading(screenSource({ display: server.display, frameRate: 0.1 }))
    await run.until(({ length }) => length >= 1)
    await run.stop()
    expect(await processesWith(`${server.display}.0`)).toEqual([])

    server.signal('SIGSTOP')
    const hanging = startReading(screenSource({ display: server.display }))
    await hanging.stop()
    expect(await hanging.ended).toBeUndefined()
    const search = new AbortController()
    const list = listDisplays({ display: server.display, signal: search.signal })
    search.abort()
    await expect(list).rejects.toBe(search.signal.reason)
  })

  it('gives up an X server that takes the connection and ends it, whatever it answers', async () => {
    for (const answer of [Buffer.alloc(0), Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), Buffer.alloc(8)]) {
      const server = createServer((socket) => socket.on('error', () => {}).end(answer))
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      onTestFinished(() => void server.close())
      const { port } = server.address() as { port: number }
      const error = await failureOf({ display: `127.0.0.1:${port - 6000}` })
      expect(error.code).toMatch(/^SNAPMINT_SOURCE_(UNAVAILABLE|UNAUTHORIZED)$/)
    }
  })
})

describe('an FFmpeg that is of no use', () => {
  it.each([
    [
      'is too old',
      `echo "Unrecognized option 'fps_mode'." >&2; exit 1`,
      'SNAPMINT_MISSING_DEPENDENCY',
      /too old an FFmpeg.*FFmpeg 5\.1 or later/,
    ],
    [
      'cannot grab',
      `echo "Unknown input format: 'x11grab'" >&2; exit 1`,
      'SNAPMINT_MISSING_DEPENDENCY',
      /built without what grabs screens/,
    ],
    ['writes rubbish', `echo "0, 1, 1, 1, 4, 0x0" >&3; echo rubbish`, 'SNAPMINT_SOURCE_FAILED', /out of step/],
    ['writes a wrong index', 'echo rubbish >&3; sleep 20', 'SNAPMINT_SOURCE_FAILED', /index of pictures cannot be read/],
    ['ends at once', 'exit 0', 'SNAPMINT_SOURCE_ENDED', /ended with exit code 0 after 0 frames/],
  ])('that %s', async (_, script, code, message) => {
    const server = await useXServer()
    const ffmpegPath = join(await temporaryFolder(), 'ffmpeg')
    await writeFile(ffmpegPath, `#!/bin/sh\n${script}\n`)
    await chmod(ffmpegPath, 0o755)
    const error = await failureOf({ display: server.display, ffmpegPath })
    expect(error).toMatchObject({ code })
    expect(error.message).toMatch(message)
  })

  it('that is not there, or may not be executed', async () => {
    const server = await useXServer()
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'locked'), '')
    for (const name of ['none', 'locked']) {
      const error = await failureOf({ display: server.display, ffmpegPath: join(folder, name) })
      expect(error).toMatchObject({ code: 'SNAPMINT_MISSING_DEPENDENCY', retryable: false })
      expect(error.message).toMatch(/apt install ffmpeg.*npm install node-screenshots@0\.2 @julusian\/jpeg-turbo@2\.3\.0/s)
    }
  })
})

it('drops the oldest frames, with a notice, when they are not read', async () => {
  const server = await useXServer({ screens: ['2560x1440'] })
  const client = await openXClient(server.display)
  for (let line = 0; line < 80; line += 1)
    await client.openWindow({
      x: 0,
      y: 18 * line,
      width: 2560,
      height: 17,
      colour: 0xffffff - line * 0x010203,
      text: `${line} pack my box with five dozen jugs `.repeat(7).slice(0, 250),
    })
  const notices: string[] = []
  const abort = new AbortController()
  const source = screenSource({ display: server.display, frameRate: 60, quality: 100 })
  const iterator = source
    .frames(captureContext({ signal: abort.signal, notice: (message) => notices.push(message) }))
    [Symbol.asyncIterator]()
  await iterator.next()
  await waitFor(() => notices.length > 0)
  expect(notices[0]).toMatch(/^\d+ frames were dropped: more than \d+ bytes waited/)
  abort.abort()
  expect((await iterator.next()).done).toBe(true)
}, 60_000)
