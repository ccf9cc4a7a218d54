import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import {
  directoryJobs,
  directorySink,
  intervalJobs,
  type Job,
  type JobSource,
  memoryJobs,
  memorySink,
  type Receipt,
} from '@snapmint/core'
import { afterAll, beforeAll, describe, it, vi } from 'vitest'
import { frameSinkConformance, type JobSourceHarness, type JobState, jobSourceConformance } from '../src/index.js'

const timeoutMs = 20_000
const firstTime = 1_763_690_400_000
const makeJob = (number: number): Job => ({ targetTime: firstTime + number })

let parent = ''
beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'snapmint-conformance-'))
})
afterAll(() => rm(parent, { recursive: true, force: true }))

frameSinkConformance({
  describe,
  it,
  timeoutMs,
  name: 'memorySink',
  create() {
    const sink = memorySink()
    return {
      sink,
      async read(uri) {
        const media = sink.objects.get(uri.slice('memory:'.length))
        if (media === undefined) throw new Error(`There is no ${uri}`)
        return media.data
      },
      list: async () => [...sink.objects.keys()].map((key) => `memory:${key}`),
    }
  },
})

/** Every file below `directory`. */
async function listFiles(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}

for (const [name, template] of Object.entries({ directorySink: undefined, "directorySink with core's keys": '{key}' })) {
  frameSinkConformance({
    describe,
    it,
    timeoutMs,
    name,
    async create() {
      const directory = await mkdtemp(join(parent, 'sink #1 %20 '))
      return {
        sink: directorySink({ directory, template, fsync: false }),
        read: (uri) => readFile(fileURLToPath(uri)),
        list: async () => (await listFiles(directory)).map((path) => pathToFileURL(path).href),
      }
    },
    failures: [
      {
        name: 'a file where the folder should be',
        retryable: false,
        async create() {
          const directory = await mkdtemp(join(parent, 'blocked-'))
          await writeFile(join(directory, 'easel'), '')
          return directorySink({ directory: join(directory, 'easel'), template })
        },
      },
    ],
  })
}

jobSourceConformance({
  describe,
  it,
  timeoutMs,
  makeJob,
  name: 'memoryJobs',
  capabilities: { extend: true, watch: true },
  create() {
    let now = Date.now()
    const jobs = memoryJobs({ clock: () => now })
    const outcomeOf = (id: string) => jobs.results.get(id)
    return {
      jobs,
      add: async (job) => jobs.add(job),
      state: async (id) => outcomeOf(id)?.status as JobState | undefined,
      async receipt(id) {
        const outcome = outcomeOf(id)
        return outcome?.status === 'done' ? outcome.receipt : undefined
      },
      advance(durationMs) {
        now += durationMs
      },
      now: () => now,
    }
  },
})

/** Far longer than the leases of a rule: its ticks are the jobs that are filed, and no others come while leases end. */
const tickMs = 10_000_000

jobSourceConformance({
  describe,
  it,
  timeoutMs,
  makeJob,
  name: 'intervalJobs',
  capabilities: { extend: true, watch: true },
  // The job's time is its tick, whatever was filed.
  isSameJob: ({ targetTime }) => targetTime === firstTime + tickMs,
  async create() {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    let now = firstTime
    const jobs = intervalJobs({ everyMs: tickMs, clock: () => now })
    await jobs.claim({ max: 1, leaseMs: 1, signal: new AbortController().signal })
    let ticks = 0
    return {
      jobs,
      async add() {
        ticks += 1
        const id = `interval-${firstTime + ticks * tickMs}`
        now += tickMs
        await vi.advanceTimersByTimeAsync(tickMs)
        return id
      },
      advance(durationMs) {
        now += durationMs
      },
      now: () => now,
      teardown: () => void vi.useRealTimers(),
    }
  },
})

/** Where a job's file lies, by its name. */
async function findState(directory: string, id: string): Promise<JobState> {
  const folders = { new: 'waiting', claimed: 'claimed', done: 'done', failed: 'failed' } as const
  const found: JobState[] = []
  for (const [folder, state] of Object.entries(folders)) {
    const names = await readdir(join(directory, folder)).catch(() => [])
    if (names.some((name) => name === `${id}.json` || name.startsWith(`${id}~`))) found.push(state)
  }
  if (found.length !== 1) throw new Error(`The job ${id} is ${found.join(' and ') || 'nowhere'}`)
  return found[0]!
}

async function createDirectoryHarness(): Promise<JobSourceHarness<Job>> {
  const directory = await mkdtemp(join(parent, 'jobs-'))
  let now = Date.now()
  let filed = 0
  const opened: JobSource<Job>[] = []
  const open = () => {
    const jobs = directoryJobs({ directory, fsync: false, clock: () => now })
    opened.push(jobs)
    return jobs
  }
  const jobs = open()
  await jobs.claim({ max: 1, leaseMs: 1, signal: new AbortController().signal })
  return {
    jobs,
    async add(job) {
      filed += 1
      const id = `job ${filed}`
      await writeFile(join(directory, 'new', `${id}.json`), JSON.stringify(job))
      return id
    },
    state: (id) => findState(directory, id),
    receipt: async (id) => JSON.parse(await readFile(join(directory, 'done', `${id}.json`), 'utf8')).receipt as Receipt,
    advance(durationMs) {
      now += durationMs
    },
    now: () => now,
    reopen: async () => open(),
    async teardown() {
      for (const source of opened) await source.close?.()
    },
  }
}

jobSourceConformance({
  describe,
  it,
  timeoutMs,
  makeJob,
  name: 'directoryJobs',
  capabilities: { extend: true, watch: true, durable: true },
  create: createDirectoryHarness,
  failures: [
    {
      name: 'a file where the folder should be',
      retryable: false,
      async create() {
        const directory = join(await mkdtemp(join(parent, 'blocked-')), 'jobs')
        await writeFile(directory, '')
        return directoryJobs({ directory })
      },
    },
  ],
})
