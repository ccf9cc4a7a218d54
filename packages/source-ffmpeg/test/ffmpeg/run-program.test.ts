import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runProgram } from '../../src/ffmpeg/run-program.js'
import { writeFakeFfmpeg } from '../fixtures/fake-ffmpeg.js'
import { countProcesses, findProcesses, until } from '../fixtures/processes.js'
import { temporaryDirectory } from '../fixtures/temporary-directory.js'

const directory = temporaryDirectory()
const { signal } = new AbortController()
const write = (name: string, body: string) => writeFakeFfmpeg(join(directory, name), { body })

describe('runProgram', () => {
  it('gives back what a program writes and its exit code', async () => {
    const path = await write('talks', `console.log('out'); console.error('err'); process.exitCode = 3`)
    expect(await runProgram(path, ['x'], { signal, timeoutMs: 20_000 })).toEqual({
      stdout: 'out\n',
      stderr: 'err\n',
      code: 3,
      failure: undefined,
    })
  })

  it('says why a program did not start', async () => {
    expect(await runProgram(join(directory, 'none'), [], { signal, timeoutMs: 20_000 })).toMatchObject({ failure: 'ENOENT' })
  })

  it('ends one that hangs', async () => {
    const path = await write('hangs', 'setInterval(() => {}, 1000)')
    expect(await runProgram(path, ['x'], { signal, timeoutMs: 200 })).toMatchObject({ failure: 'ETIMEDOUT', code: null })
    expect(countProcesses(path)).toBe(0)
  })

  it('ends it when aborted, with the reason', async () => {
    const path = await write('aborted', 'setInterval(() => {}, 1000)')
    const abort = new AbortController()
    const running = runProgram(path, ['x'], { signal: abort.signal, timeoutMs: 20_000 })
    abort.abort(new Error('enough'))
    await expect(running).rejects.toThrow('enough')
    expect(countProcesses(path)).toBe(0)
  })

  it.runIf(process.platform === 'linux')('runs it out of reach of the Ctrl-C that ends its parent', async () => {
    const path = await write('grouped', 'setInterval(() => {}, 1000)')
    const abort = new AbortController()
    const running = runProgram(path, ['x'], { signal: abort.signal, timeoutMs: 20_000 })
    await until(() => findProcesses(path).length === 1, 'it ran')
    const [found] = findProcesses(path)
    expect(found?.group).toBe(found?.pid)
    abort.abort()
    await expect(running).rejects.toThrow()
  })

  it('keeps no more than the first mebibyte of a flood', async () => {
    const path = await write('floods', `for (let i = 0; i < 40; i++) process.stdout.write('x'.repeat(100_000))`)
    const { stdout } = await runProgram(path, ['x'], { signal, timeoutMs: 20_000 })
    expect(stdout.length).toBeLessThan(2 ** 21)
  })
})
