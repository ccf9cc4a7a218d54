import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { type DeliveredFrame, fileJob } from '../../src/index.js'
import { cleanUpAfterEach, temporaryFolder } from '../builtin/temporary-folder.js'
import { until } from '../fixtures/test-adapters.js'

cleanUpAfterEach()

const program = fileURLToPath(new URL('../fixtures/deliver-until-killed.mjs', import.meta.url))
const KILLS = Number(process.env.SNAPMINT_TEST_KILLS ?? 12)
const JOBS_PER_RUN = 12

async function startChild(folder: string, mode: string) {
  const child = spawn(process.execPath, [program, folder, mode], { stdio: ['pipe', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.on('data', (data) => {
    output += data
  })
  await until(() => output.includes('"ready"') || child.exitCode !== null, 'the child to be ready')
  expect(child.exitCode).toBe(null)
  return { child, exited: once(child, 'exit'), events: () => output.trim().split('\n').slice(1) }
}

const fileNames = (folder: string) => (existsSync(folder) ? readdirSync(folder) : [])

/** Files jobs, kills the process while it delivers them, again and again; then lets one process finish. */
async function killAgainAndAgain(folder: string, mode: string, kills: number) {
  const directory = join(folder, 'jobs')
  const events: string[] = []
  let filed = 0
  for (let run = 0; run <= kills; run++) {
    const { child, exited, events: eventsOf } = await startChild(folder, mode)
    for (let n = 0; n < JOBS_PER_RUN; n++) {
      await fileJob(directory, { targetTime: Date.now() - Math.random() * 60 }, { id: `j${filed++}` })
      if (n % 4 === 3) await sleep(Math.random() * 25)
    }
    if (run < kills) {
      await sleep(Math.random() * 120)
      child.kill('SIGKILL')
    } else {
      await until(() => fileNames(join(directory, 'done')).length + fileNames(join(directory, 'failed')).length === filed)
      child.stdin.end()
    }
    await exited
    events.push(...eventsOf())
  }
  return { filed, events }
}

const linesOf = (path: string) => readFileSync(path, 'utf8').trim().split('\n')
const hashOf = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')

function audit(folder: string) {
  const done = join(folder, 'jobs/done')
  const receipts = new Map<string, DeliveredFrame>()
  for (const name of fileNames(done)) {
    const { receipt } = JSON.parse(readFileSync(join(done, name), 'utf8'))
    receipts.set(name.replace(/\.json$/, ''), receipt.frames[0])
  }
  const named = new Set([...receipts.values()].map(({ uris }) => fileURLToPath(uris[0]!)))
  const objects = readdirSync(join(folder, 'objects'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.tmp'))
    .map(({ parentPath, name }) => join(parentPath, name))
  const wrong = [...receipts.values()].filter(({ uris, captureTime, sha256 }) => {
    const path = fileURLToPath(uris[0]!)
    const frame = Buffer.alloc(3_000, `${captureTime} `)
    return !existsSync(path) || hashOf(path) !== sha256 || !readFileSync(path).equals(frame)
  })
  /** Jobs for which another picture was put than the one that their receipt names. */
  const changed = new Set<string>()
  let again = 0
  const seen = new Set<string>()
  for (const line of linesOf(join(folder, 'puts.jsonl'))) {
    const { jobIds, captureTime, sha256 } = JSON.parse(line)
    for (const id of jobIds as string[]) {
      const receipt = receipts.get(id)
      if (receipt?.captureTime !== captureTime || receipt?.sha256 !== sha256) changed.add(id)
      if (seen.has(id)) again++
      seen.add(id)
    }
  }
  return { done: receipts.size, wrong, orphans: objects.filter((path) => !named.has(path)), changed: [...changed], again }
}

it('delivers every job once, the same picture after every kill, and leaves no object that no receipt names', async () => {
  const folder = temporaryFolder()
  const { filed, events } = await killAgainAndAgain(folder, '', KILLS)
  const { again, ...found } = audit(folder)
  expect(found).toEqual({ done: filed, wrong: [], orphans: [], changed: [] })
  // Not a quiet run: jobs were killed between their put and their settle.
  expect(again).toBeGreaterThan(0)
  expect(events.filter((event) => event.includes('failed') || event.includes('damaged'))).toEqual([])
}, 180_000)

it('can tell: without holds, pictures change and objects are left', async () => {
  const folder = temporaryFolder()
  await killAgainAndAgain(folder, '--without-holds', 8)
  const { changed, orphans } = audit(folder)
  expect(changed.length).toBeGreaterThan(0)
  expect(orphans.length).toBeGreaterThan(0)
}, 120_000)
