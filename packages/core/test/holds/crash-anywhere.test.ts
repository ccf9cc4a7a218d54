import { expect, it } from 'vitest'
import { openHoldStore } from '../../src/holds/hold-store.js'
import { type FileSystem, systemFiles } from '../../src/util/durable-files.js'
import { cleanUpAfterEach, temporaryFolder } from '../builtin/temporary-folder.js'
import { killOwner, never, recordEvents, snapshot, storesOfTests, wants } from './support.js'

cleanUpAfterEach()
const { open, reopen } = storesOfTests()

type Work = (...args: never[]) => Promise<unknown>

/** Files of a process that ends at its nth operation: a write is half done, anything else not at all, and nothing comes after it. */
function dyingAt(last: number) {
  let operations = 0
  let onDeath = () => {}
  const death = new Promise<void>((resolve) => {
    onDeath = resolve
  })
  async function step(work: () => Promise<unknown>, half: () => Promise<unknown> = async () => {}): Promise<unknown> {
    operations++
    if (operations === last) await half().finally(onDeath)
    const answer = operations < last ? await work() : undefined
    return operations < last ? answer : new Promise(() => {})
  }
  const handles: { close(): Promise<void> }[] = []
  async function open(...args: Parameters<FileSystem['open']>) {
    const handle = await systemFiles.open(...args)
    handles.push(handle)
    const write = (name: 'appendFile' | 'writeFile') => (data: string | Uint8Array) => {
      const bytes = Buffer.from(data as Uint8Array)
      return step(
        () => handle[name](bytes),
        () => handle[name](bytes.subarray(0, bytes.length >> 1)),
      )
    }
    const plain = (name: 'sync' | 'datasync' | 'close') => () => step(() => handle[name]())
    return {
      ...{ appendFile: write('appendFile'), writeFile: write('writeFile') },
      ...{ sync: plain('sync'), datasync: plain('datasync'), close: plain('close') },
    }
  }
  const names = ['lstat', 'mkdir', 'readdir', 'readFile', 'rename', 'stat', 'unlink'] as const
  const others = names.map((name) => [name, (...args: never[]) => step(() => (systemFiles[name] as Work)(...args))])
  const files = { ...Object.fromEntries(others), open: (...args: Parameters<FileSystem['open']>) => step(() => open(...args)) }
  return {
    files: files as unknown as FileSystem,
    death,
    isDead: () => operations >= last,
    closeAll: () => Promise.all(handles.map((handle) => handle.close().catch(() => {}))),
  }
}

/** Begins with what another process held; then holds 12 pictures for three jobs each and settles most of them. Answers which holds were on record, and not settled, when the process died. */
async function workUntilDeath(directory: string, process: ReturnType<typeof dyingAt>) {
  const sure = new Map([100, 101, 102].map((time) => [`from before ${time}`, time]))
  const before = await open(directory)
  for (const [jobId, time] of sure) await before.hold(jobId, time)
  killOwner(directory)
  const work = async () => {
    const holds = (await openHoldStore({ directory, files: process.files }, recordEvents().emit, never)).route('r')
    for (let first = 0; first < 12; first += 3) {
      const three = [first, first + 1, first + 2].map(async (time) => {
        const picture = await holds.keep(await snapshot(time))
        const jobIds = [`${time} a`, `${time} b`, `${time} c`]
        for (const jobId of jobIds) {
          holds.claimed(jobId, [wants(time)])
          if (picture === undefined) continue
          await holds.record([{ jobId, request: wants(time) }], picture)
          if (!process.isDead()) sure.set(jobId, time)
        }
        for (const jobId of time % 4 === 3 ? jobIds.slice(1) : jobIds) {
          sure.delete(jobId)
          holds.left(jobId, true)
        }
      })
      await Promise.all(three)
    }
  }
  await Promise.race([work(), process.death])
  return sure
}

it('has after a death at any operation on its files every hold that was on record', async () => {
  let checked = 0
  let deaths = 0
  for (let last = 1, survived = false; !survived; last += last < 45 ? 1 : 4) {
    const directory = temporaryFolder()
    const process = dyingAt(last)
    const sure = await workUntilDeath(directory, process)
    await process.closeAll()
    if (process.isDead()) deaths++
    else survived = true
    const { holds, failed } = await reopen(directory)
    expect(failed).toEqual([])
    for (const [jobId, time] of sure) {
      const picture = holds.find(jobId, wants(time))
      expect(picture, `${jobId}, death at operation ${last}`).toBeDefined()
      expect(await holds.read(picture!)).toEqual(await snapshot(time))
      checked++
    }
  }
  expect(deaths).toBeGreaterThan(20)
  expect(checked).toBeGreaterThan(100)
})
