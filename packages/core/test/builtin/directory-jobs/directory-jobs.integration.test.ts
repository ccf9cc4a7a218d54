import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'tsup'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cleanUpAfterEach, removableFolder, temporaryFolder } from '../temporary-folder.js'
import { createQueue } from './queue-folder.js'

cleanUpAfterEach()

const kills = 40
const jobsForEachKill = 15

const compiled = removableFolder()
const workers = new Set<ChildProcess>()

beforeAll(async () => {
  const entry = fileURLToPath(new URL('queue-worker.ts', import.meta.url))
  await build({
    entry: [entry],
    outDir: compiled.folder,
    format: 'esm',
    outExtension: () => ({ js: '.mjs' }),
    silent: true,
    config: false,
    clean: false,
  })
})

afterAll(() => {
  for (const worker of workers) worker.kill('SIGKILL')
  compiled.remove()
})

interface Worker {
  readonly ready: Promise<unknown>
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>
  kill(): void
}

function startWorker(directory: string, log: string): Worker {
  const child = fork(join(compiled.folder, 'queue-worker.mjs'), [directory, log], {
    execArgv: [],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  workers.add(child)
  const ended = once(child, 'exit').then(([code, signal]) => {
    workers.delete(child)
    return { code, signal }
  })
  return { ready: Promise.race([once(child, 'message'), ended]), ended, kill: () => child.kill('SIGKILL') }
}

function createDrainTest() {
  const queue = createQueue()
  const log = join(temporaryFolder(), 'log')
  writeFileSync(log, '')
  const ids: string[] = []
  const drop = (count: number) => {
    for (let index = 0; index < count; index++) {
      ids.push(`job-${ids.length}`)
      queue.drop(`${ids.at(-1)}.json`)
    }
  }
  const expectDrained = () => {
    expect(queue.list('done')).toEqual(ids.map((id) => `${id}.json`).sort())
    expect([queue.list('new'), queue.list('claimed'), queue.list('failed')]).toEqual([[], [], []])
    for (const id of ids) expect(queue.read('done', `${id}.json`)).toMatchObject({ job: {}, receipt: {} })
  }
  const readLog = () => readFileSync(log, 'utf8').trim().split('\n')
  return { directory: queue.directory, log, ids, drop, expectDrained, readLog }
}

describe('directoryJobs in processes that are killed', () => {
  it(`has every job exactly once in done after ${kills} kills at random moments`, { timeout: 240_000 }, async () => {
    const { directory, log, ids, drop, expectDrained, readLog } = createDrainTest()
    let killed = 0
    while (killed < kills) {
      drop(jobsForEachKill)
      const worker = startWorker(directory, log)
      await worker.ready
      await sleep(Math.random() * 30)
      worker.kill()
      const { code, signal } = await worker.ended
      expect(signal === 'SIGKILL' || code === 0).toBe(true)
      if (signal === 'SIGKILL') killed += 1
    }
    drop(jobsForEachKill)
    expect(await startWorker(directory, log).ended).toEqual({ code: 0, signal: null })
    expectDrained()

    const settled = new Set<string>()
    for (const line of readLog()) {
      const [what, id = ''] = line.split(' ')
      if (what === 'settled') settled.add(id)
      else expect(settled.has(id), `${id} was handed out after it had been settled`).toBe(false)
    }
    expect(ids.length).toBeGreaterThanOrEqual(kills * jobsForEachKill)
  })

  it('hands each job to exactly one of three processes that drain one folder', { timeout: 120_000 }, async () => {
    const { directory, log, ids, drop, expectDrained, readLog } = createDrainTest()
    drop(400)
    const drainers = [1, 2, 3].map(() => startWorker(directory, log))
    for (const { ended } of drainers) expect(await ended).toEqual({ code: 0, signal: null })
    expectDrained()
    const last = new Map<string, string>()
    for (const line of readLog()) {
      const [what = '', id = ''] = line.split(' ')
      const allowed = what === 'delivered' ? [undefined, 'returned'] : ['delivered']
      expect(allowed, `${id} was ${what} after it had been ${last.get(id)}`).toContain(last.get(id))
      last.set(id, what)
    }
    expect([...last.keys()].sort()).toEqual([...ids].sort())
    expect(new Set(last.values())).toEqual(new Set(['settled']))
  })
})
