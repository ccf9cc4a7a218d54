import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type WebcamSourceOptions, webcamSource } from '../src/index.js'
import { leftovers } from './fixtures/leftovers.js'
import { makeBmp } from './fixtures/make-bmp.js'
import { findProcesses, until } from './fixtures/processes.js'
import { createContext, readFrames } from './fixtures/read-frames.js'
import { writeStubTool } from './fixtures/stub-tool.js'
import { temporaryDirectory } from './fixtures/temporary-directory.js'

const directory = temporaryDirectory()
let tests = 0
/** A timeout that no other test has: it tells the directories of this one. */
const uniqueTimeoutMs = (base: number) => base + process.pid / 1000 + ++tests * 1000

const write = 'fs.writeFileSync(file, jpeg)'
const pathNote = "fs.writeFileSync(__filename + '.path', file)"
const stub = (name: string, body: string) => writeStubTool(join(directory, name), `${pathNote}\n${body}`)
const pathOf = (program: string) => readFileSync(`${program}.path`, 'utf8')

/** Runs imagesnap's way, through a file, with the default of a second to warm up. */
async function runOnce(options: WebcamSourceOptions, timeoutMs: number) {
  const since = Date.now()
  const read = await readFrames(webcamSource({ tool: 'imagesnap', timeoutMs, intervalMs: 100, ...options }))
  return { ...read, left: leftovers(timeoutMs, since) }
}

describe('a tool that writes to a file', () => {
  it('writes where nobody else looks, in memory if there is such a place, and nothing is left', async () => {
    const body = `fs.writeFileSync(__filename + '.mode', String(fs.statSync(require('node:path').dirname(file)).mode & 0o777)); ${write}`
    const toolPath = await stub('imagesnap', body)
    const { frames, left, error } = await runOnce({ toolPath, rotation: 180 }, uniqueTimeoutMs(20_000))
    expect(error).toBeUndefined()
    expect(frames[0]).toMatchObject({ mimeType: 'image/jpeg', codedWidth: 64, codedHeight: 48, rotation: 180 })
    expect(readFileSync(`${toolPath}.mode`, 'utf8')).toBe(String(0o700))
    expect(pathOf(toolPath)).toMatch(/^\/dev\/shm\/snapmint-webcam-.*\/picture\.jpg$/)
    expect(left).toEqual([])
  })

  it("delivers CommandCam's BMP for what it is", async () => {
    const toolPath = await stub(
      'commandcam',
      `fs.writeFileSync(file, Buffer.from('${makeBmp(8, 6).toString('base64')}', 'base64'))`,
    )
    const { frames, left } = await runOnce({ tool: 'commandcam', toolPath }, uniqueTimeoutMs(20_000))
    expect(frames[0]).toMatchObject({ mimeType: 'image/bmp', codedWidth: 8, codedHeight: 6 })
    expect(left).toEqual([])
  })

  it.each([
    ['crashes', `${write}; process.kill(process.pid, 'SIGSEGV')`, 'SNAPMINT_SOURCE_CRASHED'],
    ['fails after writing', `${write}; process.exitCode = 1`, 'SNAPMINT_SOURCE_FAILED'],
    ['breaks off', 'fs.writeFileSync(file, jpeg.subarray(0, -20))', 'SNAPMINT_SOURCE_UNREADABLE'],
    ['writes nothing', '', 'SNAPMINT_SOURCE_UNREADABLE'],
    ['leaves a directory for a picture', 'fs.mkdirSync(file)', 'SNAPMINT_SOURCE_UNREADABLE'],
    [
      'leaves much more than it should',
      `${write}; fs.mkdirSync(file + '.d'); fs.writeFileSync(file + '.d/more', jpeg); process.exitCode = 1`,
      'SNAPMINT_SOURCE_FAILED',
    ],
    ['finds no camera', "say('No video devices found.'); process.exitCode = 2", 'SNAPMINT_SOURCE_NOT_FOUND'],
  ])('leaves nothing behind when it %s', async (name, body, code) => {
    const { frames, error, left } = await runOnce({ toolPath: await stub(name, body) }, uniqueTimeoutMs(20_000))
    expect(frames).toEqual([])
    expect(error).toMatchObject({ code, adapter: 'webcam' })
    expect(left).toEqual([])
  })

  it('leaves nothing behind when it hangs with a picture half written', async () => {
    const toolPath = await stub('hangs', 'fs.writeFileSync(file, jpeg.subarray(0, 99)); sleep(60000)')
    const { error, left } = await runOnce({ toolPath }, uniqueTimeoutMs(1200))
    expect(error).toMatchObject({ code: 'SNAPMINT_SOURCE_UNAVAILABLE', retryable: true })
    expect(left).toEqual([])
    expect(findProcesses(toolPath)).toEqual([])
  })

  it('leaves nothing behind when it is missing', async () => {
    const { error, left } = await runOnce({ toolPath: join(directory, 'nosuch') }, uniqueTimeoutMs(20_000))
    expect(error).toMatchObject({ code: 'SNAPMINT_MISSING_DEPENDENCY', retryable: false })
    expect(left).toEqual([])
  })

  it.each(['abort', 'return'])('has ended, and left nothing behind, when %s has', async (how) => {
    const toolPath = await stub(`ended by ${how}`, `${write}; sleep(60000)`)
    const timeoutMs = uniqueTimeoutMs(500_000)
    const since = Date.now()
    const controller = new AbortController()
    const frames = webcamSource({ tool: 'imagesnap', toolPath, timeoutMs })
      .frames(createContext(controller.signal))
      [Symbol.asyncIterator]()
    const next = frames.next()
    await until(() => existsSync(`${toolPath}.path`) && existsSync(pathOf(toolPath)), 'the picture is there')
    if (how === 'abort') controller.abort()
    else void frames.return?.()
    expect(await next).toEqual({ done: true, value: undefined })
    expect(findProcesses(toolPath)).toEqual([])
    expect(leftovers(timeoutMs, since)).toEqual([])
  })
})

describe('a host killed by SIGKILL', () => {
  const program = `
    const { webcamSource } = await import(process.argv[2])
    for await (const frame of webcamSource(JSON.parse(process.argv[3])).frames({ signal: new AbortController().signal, now: Date.now })) console.log('frame')
  `
  const kill = async (options: WebcamSourceOptions, ready: () => boolean) => {
    const index = new URL('../dist/index.js', import.meta.url).href
    const url = `data:text/javascript,${encodeURIComponent(program)}`
    const host = spawn(process.execPath, [
      '--input-type=module',
      '-e',
      `await import(${JSON.stringify(url)})`,
      '-',
      index,
      JSON.stringify(options),
    ])
    await until(ready, 'the tool is at work')
    host.kill('SIGKILL')
    await new Promise((resolve) => host.on('close', resolve))
  }

  it('leaves nothing on disk where the tool writes to standard output', async () => {
    const toolPath = await stub('fswebcam', 'sleep(60000)')
    const timeoutMs = uniqueTimeoutMs(300_000)
    const since = Date.now()
    await kill({ tool: 'fswebcam', device: 'TEST', toolPath, timeoutMs }, () => existsSync(`${toolPath}.path`))
    expect(pathOf(toolPath)).toBe('-')
    expect(leftovers(timeoutMs, since)).toEqual([])
    for (const pid of findProcesses(toolPath)) process.kill(pid, 'SIGKILL')
  })

  it('leaves a directory that says until when it was needed; the next run sweeps it after that', async () => {
    const toolPath = await stub('orphaned', `${write}; sleep(60000)`)
    const timeoutMs = uniqueTimeoutMs(300_000)
    const since = Date.now()
    await kill({ tool: 'imagesnap', toolPath, timeoutMs }, () => existsSync(`${toolPath}.path`) && existsSync(pathOf(toolPath)))
    for (const pid of findProcesses(toolPath)) process.kill(pid, 'SIGKILL')
    const [left = '', ...more] = leftovers(timeoutMs, since)
    expect(more).toEqual([])
    expect(readdirSync(left)).toEqual(['picture.jpg'])
    const over = left.replace(/-\d+-/, `-${Date.now() - 1}-`)
    await mkdir(over)
    await runOnce({ toolPath: await stub('next', write) }, uniqueTimeoutMs(20_000))
    expect(existsSync(over)).toBe(false)
    expect(existsSync(left)).toBe(true)
    rmSync(left, { recursive: true })
  })
})
