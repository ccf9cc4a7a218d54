import { execFile, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { readClockLine, replaceClockLine } from '../../src/time/pipeline-clock.js'
import { captureHosted, type HostedOptions, isAlive, until } from './support/hosted-capture.js'

const running: ReturnType<typeof captureHosted>[] = []
const start = (options: HostedOptions) => {
  const hosted = captureHosted(options)
  running.push(hosted)
  return hosted
}
afterEach(async () => {
  await Promise.all(running.splice(0).map(({ capture }) => capture.stop()))
})

const misbehaves = ({ all }: ReturnType<typeof captureHosted>) =>
  all('source:notice').some(({ message }) => message === 'misbehaving')

/** The counts that the frames of the history carry, oldest first. */
function counts({ reader }: ReturnType<typeof captureHosted>): { captureTime: number; count: number }[] {
  return reader.range(0, Number.MAX_SAFE_INTEGER).flatMap(({ sequenceNumber, captureTime }) => {
    const bytes = reader.read(sequenceNumber)?.run.at(-1)?.data
    return bytes === undefined ? [] : [{ captureTime, count: Buffer.from(bytes).readUInt32BE(0) }]
  })
}

describe.each(['thread', 'process'] as const)('a source in a %s', (kind) => {
  it('fills the history and ends when it is stopped', async () => {
    const hosted = start({ kind })
    await hosted.capture.firstFrame
    await hosted.capture.firstAttempt
    await until(() => hosted.reader.stats().pushed > 5, 'six frames')
    expect(hosted.capture.state()).toBe('running')
    await hosted.capture.stop()
    expect(hosted.capture.state()).toBe('stopped')
    const pushed = hosted.reader.stats().pushed
    expect(counts(hosted).map(({ count }) => count)).toEqual(Array.from({ length: pushed }, (_, index) => index))
    const [pid] = hosted.pids()
    expect(pid === process.pid).toBe(kind === 'thread')
    if (kind === 'process') expect(isAlive(pid!)).toBe(false)
  })

  it('goes on while the main thread is blocked', async () => {
    const hosted = start({ kind, options: { intervalMs: 20 } })
    await until(() => hosted.reader.stats().pushed > 3, 'the first frames')
    const from = hosted.clock.now()
    const end = performance.now() + 2000
    while (performance.now() < end);
    const to = hosted.clock.now()
    await until(() => (hosted.reader.newest()?.captureTime ?? 0) > to, 'a frame after the blocked time')
    const frames = counts(hosted)
    expect(frames.map(({ count }) => count)).toEqual(frames.map((_, index) => index))
    expect(frames.filter(({ captureTime }) => captureTime > from && captureTime < to).length).toBeGreaterThan(0)
    expect(hosted.capture.figures()).toMatchObject({ run: 1, restarts: 0 })
  })

  it('throws: the error arrives redacted, and the source is started anew', async () => {
    const hosted = start({ kind, options: { after: 3, fault: 'throw' } })
    await until(() => hosted.all('source:started').length > 1, 'a second run')
    const { error, run } = hosted.all('source:restarting')[0]!
    expect(run).toBe(1)
    expect(error).toMatchObject({ code: 'SNAPMINT_SOURCE_FAILED', retryable: true })
    expect(error.message).toContain('bad luck at rtsp://***@camera/')
    expect(hosted.capture.figures().lastError).toMatchObject({ code: 'SNAPMINT_SOURCE_FAILED' })
  })

  it('throws undefined: it is started anew', async () => {
    const hosted = start({ kind, options: { after: 0, fault: 'throwUndefined' } })
    await until(() => hosted.all('source:restarting').length > 1, 'two restarts')
    expect(hosted.all('source:restarting')[0]!.error.message).toContain('undefined')
  })

  it('fails for good: nothing of it is left', async () => {
    const hosted = start({ kind, options: { after: 1, fault: 'permanent' } })
    await until(() => hosted.capture.state() === 'failed', 'the failure')
    await until(() => hosted.all('source:failed').length === 1, 'the event')
    expect(hosted.all('source:failed')[0]!.error).toMatchObject({ code: 'SNAPMINT_SOURCE_UNAUTHORIZED', retryable: false })
    await until(() => hosted.workers[0]!.threadId === -1, 'the end of the thread')
    await hosted.capture.stop()
    expect(hosted.capture.state()).toBe('failed')
  })

  it('has a module that does not exist: a clear error that names it, and no restart', async () => {
    const hosted = start({ kind, fixture: 'no-such-module.mjs' })
    await expect(hosted.capture.firstFrame).rejects.toMatchObject({ code: 'SNAPMINT_SOURCE_FAILED', retryable: false })
    await expect(hosted.capture.firstAttempt).rejects.toThrow('no-such-module.mjs')
    expect(hosted.capture.figures().restarts).toBe(0)
  })

  it('has a module without a factory, or a factory that throws: an error that says so, and no restart', async () => {
    await expect(start({ kind, fixture: 'no-factory.mjs' }).capture.firstFrame).rejects.toThrow('default export')
    await expect(start({ kind, fixture: 'throwing-factory.mjs' }).capture.firstFrame).rejects.toThrow('Expected `width`')
  })

  it('yields garbage among its frames: the frames arrive, the garbage is reported', async () => {
    const hosted = start({ kind, fixture: 'garbage-source.mjs' })
    await until(() => hosted.reader.stats().pushed > 4 && hosted.capture.figures().rejected > 8, 'frames and rejections')
    expect(hosted.all('frame:rejected')[0]!.error.code).toBe('SNAPMINT_FRAME_INVALID')
    expect(hosted.capture.figures()).toMatchObject({ run: 1, restarts: 0 })
  })

  it('floods: the main thread and stop() do not suffer', async () => {
    const hosted = start({ kind, options: { intervalMs: 0, bytes: 2000 } })
    await until(() => hosted.reader.stats().pushed > 500, '500 frames')
    await hosted.capture.stop()
    expect(hosted.capture.state()).toBe('stopped')
  })

  it('ignores the abort: after a stall it is replaced, thread and all', async () => {
    const hosted = start({ kind, options: { after: 2, fault: 'deafen' }, capture: { stallMs: 300 } })
    await until(() => hosted.all('source:started').length > 1, 'a second run')
    expect(hosted.all('source:stalled')[0]!.error.code).toBe('SNAPMINT_SOURCE_STALLED')
    if (kind === 'process') expect(isAlive(hosted.pids()[0]!)).toBe(false)
    else expect(hosted.workers.length).toBeGreaterThan(1)
  })

  it('ignores the abort of stop(): stop() resolves and nothing is left', async () => {
    const hosted = start({ kind, options: { after: 1, fault: 'deafen' } })
    await until(() => misbehaves(hosted), 'the fault')
    await hosted.capture.stop()
    expect(hosted.workers[0]!.threadId).toBe(-1)
    if (kind === 'process') expect(isAlive(hosted.pids()[0]!)).toBe(false)
  })

  it('is stopped before it has started, twice: both resolve', async () => {
    const { capture, workers } = start({ kind })
    await Promise.all([capture.stop(), capture.stop()])
    await expect(capture.firstFrame).rejects.toMatchObject({ code: 'SNAPMINT_PIPELINE_STOPPED' })
    expect([capture.state(), workers[0]!.threadId]).toEqual(['stopped', -1])
  })

  it('follows a clock that is set while it runs', async () => {
    const hosted = start({ kind })
    await hosted.capture.firstFrame
    const line = readClockLine(hosted.clockHandle)
    replaceClockLine(hosted.clockHandle, { ...line, epochNs: line.epochNs + 3_600_000_000_000n })
    await until(() => hosted.reader.newest()!.captureTime > Date.now() + 3_500_000, 'a frame of the new time')
    expect(hosted.capture.figures().restarts).toBe(0)
  })
})

describe('a source in a thread', () => {
  it('loops for ever: the thread is ended and started anew', async () => {
    const hosted = start({ kind: 'thread', options: { after: 2, fault: 'spin' }, capture: { stallMs: 500 } })
    await until(() => hosted.all('source:started').length > 1, 'a second run')
    expect(hosted.all('source:restarting')[0]!.error.code).toBe('SNAPMINT_SOURCE_UNRESPONSIVE')
    expect(hosted.capture.figures().run).toBe(2)
  })

  it('loops for ever while it is stopped: stop() ends the thread', async () => {
    const hosted = start({ kind: 'thread', options: { after: 2, fault: 'spin' } })
    await until(() => misbehaves(hosted), 'the fault')
    await hosted.capture.stop()
    expect([hosted.capture.state(), hosted.workers[0]!.threadId]).toEqual(['stopped', -1])
  })

  it.each([
    ['exit', 'exit code 3'],
    ['uncaught', 'nobody caught me'],
  ])('ends its thread (%s): that is told and it is started anew', async (fault, words) => {
    const hosted = start({ kind: 'thread', options: { after: 2, fault } })
    await until(() => hosted.all('source:started').length > 1, 'a second run')
    expect(hosted.all('source:restarting')[0]!.error).toMatchObject({ code: 'SNAPMINT_SOURCE_CRASHED', retryable: true })
    expect(hosted.all('source:restarting')[0]!.error.message).toContain(words)
  })

  it('has options that cannot be cloned: an error that says so', async () => {
    const { capture } = start({ kind: 'thread', options: { client: () => {} } })
    await expect(capture.firstFrame).rejects.toMatchObject({ code: 'SNAPMINT_SOURCE_FAILED', retryable: false })
    expect(capture.state()).toBe('failed')
    await capture.stop()
  })
})

describe('a source in a process', () => {
  it.each([
    ['abort', 'SIGABRT'],
    ['kill', 'SIGKILL'],
    ['exit', 'exit code 3'],
    ['uncaught', 'nobody caught me'],
  ])('crashes (%s): the frames before it are kept, the error says how, the next run follows', async (fault, words) => {
    const hosted = start({ kind: 'process', options: { after: 3, fault } })
    await until(() => hosted.all('source:started').length > 1, 'a second run')
    const { error } = hosted.all('source:restarting')[0]!
    expect(error).toMatchObject({ code: 'SNAPMINT_SOURCE_CRASHED', retryable: true })
    expect(error.message).toContain(words)
    expect(hosted.workers).toHaveLength(1)
  })

  it('loops for ever in native or JavaScript code: it stalls and its process is killed', async () => {
    const hosted = start({ kind: 'process', options: { after: 2, fault: 'spin' }, capture: { stallMs: 500 } })
    await until(() => hosted.all('source:started').length > 1, 'a second run')
    expect(hosted.all('source:stalled')).toHaveLength(1)
    expect(isAlive(hosted.pids()[0]!)).toBe(false)
    expect(hosted.workers).toHaveLength(1)
  })

  it('gets the environment that its host asks for', async () => {
    const hosted = start({ kind: 'process', env: { COUNTING_ENV: 'silent' } })
    await until(() => hosted.all('source:notice').length > 0, 'the notice')
    expect(hosted.all('source:notice')[0]!.details).toMatchObject({ env: 'silent' })
  })
})

describe('the process that captures', () => {
  const fixture = fileURLToPath(new URL('../fixtures/capture-and-exit.mjs', import.meta.url))
  const run = (how: string, options = {}) => [fixture, how, JSON.stringify(options)]

  it('exits by itself once everything is stopped', async () => {
    const output = await new Promise<string>((resolve, reject) => {
      execFile(process.execPath, run('stop'), { timeout: 25_000 }, (error, stdout) =>
        error === null ? resolve(stdout) : reject(error),
      )
    })
    expect(output.split(' ').at(-1)).toBe('stopped,stopped,stopped')
  })

  it.each([
    ['well', {}],
    ['stuck', { after: 1, fault: 'spin' }],
  ])('takes its child with it when it is killed, be it %s', async (_how, options) => {
    const child = spawn(process.execPath, run('die', options), { stdio: ['ignore', 'pipe', 'inherit'] })
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
    await until(() => child.exitCode !== null || child.signalCode !== null, 'its end')
    expect(child.signalCode).toBe('SIGKILL')
    await until(() => /\d+ /.test(output), 'the process id of its child')
    const pid = Number(output.trim())
    try {
      await until(() => !isAlive(pid), 'the end of its child')
    } finally {
      if (isAlive(pid)) process.kill(pid, 'SIGKILL')
    }
  })
})
