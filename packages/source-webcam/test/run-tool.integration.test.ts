import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { maxPictureBytes, runTool } from '../src/run-tool.js'
import { findProcesses, until } from './fixtures/processes.js'
import { writeStubTool } from './fixtures/stub-tool.js'
import { temporaryDirectory } from './fixtures/temporary-directory.js'

const directory = temporaryDirectory()
const never = new AbortController().signal
const stub = (name: string, body: string) => writeStubTool(join(directory, name), body)
/** A child that hangs as well and holds the pipes. */
const withChild = (name: string, options = '') =>
  `require('node:child_process').spawn('sleep', ['61'], { stdio: 'inherit', argv0: '${join(directory, name)}-child' ${options} }); sleep(60000)`

describe('runTool', () => {
  it('gives what the tool wrote, what it said and how it ended', async () => {
    const program = await stub('fine', "say('one'); process.stdout.write(jpeg); process.exitCode = 3")
    const pieces: string[] = []
    const run = await runTool({ program, args: [], timeoutMs: 20_000, signal: never, onSaid: (text) => pieces.push(text) })
    expect(run).toMatchObject({ cut: undefined, code: 3, signal: null, said: 'one\n' })
    expect(run.stdout.subarray(0, 2)).toEqual(new Uint8Array([0xff, 0xd8]))
    expect(pieces.join('')).toBe('one\n')
  })

  it('asks the tool to speak English, whatever language the user has', async () => {
    const program = await stub('speaks', 'say(String(process.env.LC_ALL))')
    const before = process.env.LC_ALL
    process.env.LC_ALL = 'de_DE.UTF-8'
    const run = await runTool({ program, args: [], timeoutMs: 20_000, signal: never }).finally(() => {
      if (before === undefined) delete process.env.LC_ALL
      else process.env.LC_ALL = before
    })
    expect(run.said).toBe('C\n')
  })

  it('kills a tool that hangs, and its children', async () => {
    const program = await stub('hangs', withChild('hangs'))
    const run = await runTool({ program, args: [], timeoutMs: 1000, signal: never })
    expect(run).toMatchObject({ cut: 'timeout', signal: 'SIGKILL' })
    await until(() => findProcesses(program).length === 0, 'the tool and its child have ended')
  })

  it('ends the tool when aborted', async () => {
    const program = await stub('aborted', withChild('aborted'))
    const controller = new AbortController()
    const running = runTool({ program, args: [], timeoutMs: 600_000, signal: controller.signal })
    await until(() => findProcesses(`${program}-child`).length === 1, 'the child runs')
    controller.abort()
    expect((await running).cut).toBe('abort')
    await until(() => findProcesses(program).length === 0, 'the tool and its child have ended')
  })

  it('ends even when somebody out of reach holds the pipes', async () => {
    const program = await stub('escaped', withChild('escaped', ', detached: true'))
    const controller = new AbortController()
    const running = runTool({ program, args: [], timeoutMs: 600_000, signal: controller.signal })
    await until(() => findProcesses(`${program}-child`).length === 1, 'the child runs')
    controller.abort()
    expect((await running).cut).toBe('abort')
    for (const pid of findProcesses(`${program}-child`)) process.kill(pid, 'SIGKILL')
  })

  it('starts nothing that lasts under a signal that has aborted already', async () => {
    const program = await stub('late', withChild('late'))
    expect((await runTool({ program, args: [], timeoutMs: 600_000, signal: AbortSignal.abort() })).cut).toBe('abort')
    await until(() => findProcesses(program).length === 0, 'the tool has ended')
  })

  it('kills a tool that floods, and keeps little of it', async () => {
    const program = await stub('flood', 'const block = Buffer.alloc(2 ** 20); for (;;) fs.writeSync(1, block)')
    const run = await runTool({ program, args: [], timeoutMs: 60_000, signal: never })
    expect(run.cut).toBe('overflow')
    expect(run.stdout.length).toBe(0)
    expect(maxPictureBytes).toBeGreaterThan(2 ** 27)
  })

  it('keeps the first and the last words of a tool that talks without end', async () => {
    const program = await stub('talks', "say('first'); for (let n = 0; n < 20000; n++) say('word ' + n); say('last')")
    const { said } = await runTool({ program, args: [], timeoutMs: 60_000, signal: never })
    expect(said.startsWith('first\nword 0\n')).toBe(true)
    expect(said.endsWith('\nlast\n')).toBe(true)
    expect(said.length).toBeLessThan(20_000)
  })

  it.each([
    ['/nosuch/tool', 'ENOENT'],
    ['/etc/passwd', 'EACCES'],
    ['/etc/passwd/tool', 'ENOTDIR'],
  ])('tells that %s did not start: %s', async (program, systemCode) => {
    expect(await runTool({ program, args: [], timeoutMs: 1000, signal: never })).toMatchObject({ cut: 'not-started', systemCode })
  })
})
