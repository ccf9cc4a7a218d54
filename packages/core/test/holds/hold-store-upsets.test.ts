import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { lockFolder } from '../../src/holds/folder-lock.js'
import { type FileSystem, systemFiles } from '../../src/util/durable-files.js'
import { cleanUpAfterEach, systemError, temporaryFolder, withFiles } from '../builtin/temporary-folder.js'
import { until } from '../fixtures/test-adapters.js'
import { breakable, snapshot, storesOfTests, wants } from './support.js'

cleanUpAfterEach()
const { open, reopen } = storesOfTests()

const ownersIn = (directory: string) => readdirSync(directory).filter((name) => name.startsWith('owner-'))

/** Something that a test lets go on. */
function gate() {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open: () => open() }
}

/** Files whose appends a test can follow and hold up. */
function appending(onAppended: () => Promise<void> | void) {
  return withFiles({
    open: (async (...args: Parameters<FileSystem['open']>) => {
      const handle = await systemFiles.open(...args)
      const appendFile = handle.appendFile.bind(handle)
      handle.appendFile = async (...data) => {
        await appendFile(...data)
        await onAppended()
      }
      return handle
    }) as FileSystem['open'],
  })
}

describe('a folder that is taken away', () => {
  it('is set up again when a line of the journal is the first to notice', async () => {
    const directory = join(temporaryFolder(), 'holds')
    const { hold, holds } = await open(directory)
    await hold('a', 1)
    rmSync(directory, { recursive: true })
    holds.left('a', true)
    await until(() => readdirSync(join(directory, '..')).includes('holds'))
    await hold('b', 2)
    await hold('c', 3)
    const again = await reopen(directory)
    expect(['b', 'c'].map((id, n) => again.holds.find(id, wants(n + 2))?.captureTime)).toEqual([2, 3])
  })

  it('while the journal is written has everything that was held after that', async () => {
    const directory = join(temporaryFolder(), 'holds')
    let appended = () => {}
    const { opened, open: goOn } = gate()
    const files = appending(() => {
      appended()
      return opened
    })
    const { holds, failed } = await open(directory, { files, fsync: true })
    const picture = await holds.keep(await snapshot(1))
    const arrived = new Promise<void>((resolve) => {
      appended = resolve
    })
    const recording = holds.record([{ jobId: 'a', request: wants(1) }], picture!)
    await arrived
    rmSync(directory, { recursive: true })
    const later = await holds.keep(await snapshot(2))
    const recordingLater = holds.record([{ jobId: 'b', request: wants(2) }], later!)
    goOn()
    await Promise.all([recording, recordingLater])
    expect(failed).toEqual([])
    expect((await reopen(directory)).holds.find('b', wants(2))).toMatchObject({ captureTime: 2 })
  })
})

describe('the store of holds, upset', () => {
  it('leaves the folder to the next start when it was aborted at its last step', async () => {
    const directory = temporaryFolder()
    const { opened, open: goOn } = gate()
    const abort = new AbortController()
    const files = withFiles({
      rename: (async (...args: Parameters<FileSystem['rename']>) => {
        abort.abort(new Error('changed my mind'))
        await opened
        return systemFiles.rename(...args)
      }) as FileSystem['rename'],
    })
    const opening = open(directory, { files }, {}, abort.signal)
    abort.signal.addEventListener('abort', () => setTimeout(goOn, 5))
    await expect(opening).rejects.toThrow('changed my mind')
    expect(ownersIn(directory)).toEqual([])
    await open(directory)
  })

  it('has the lines that were let go while the journal was written anew', async () => {
    const directory = temporaryFolder()
    const { opened, open: goOn } = gate()
    let reached = false
    const { state, files } = breakable({
      rename: (async (...args: Parameters<FileSystem['rename']>) => {
        reached = true
        await opened
        return systemFiles.rename(...args)
      }) as FileSystem['rename'],
    })
    let isFull = false
    const failing = withFiles({
      ...files,
      open: appending(() => {
        if (isFull) throw systemError('ENOSPC')
      }).open,
    })
    const { hold, holds, failed } = await open(directory, { files: failing }, { restMs: 0 })
    isFull = true
    await hold('told', 1)
    expect(failed).toHaveLength(1)
    isFull = false
    state.broken = true
    const picture = await holds.keep(await snapshot(2))
    const recordings = [holds.record([{ jobId: 'first', request: wants(2) }], picture!)]
    await until(() => reached)
    const crowd = Array.from({ length: 20_100 }, (_, n) => ({ jobId: `${n}`, request: wants(2) }))
    recordings.push(holds.record(crowd, picture!))
    goOn()
    await Promise.all(recordings)
    const again = await reopen(directory)
    expect(crowd.filter(({ jobId, request }) => again.holds.find(jobId, request) === undefined)).toEqual([])
  })

  it('gives nothing up for a picture that finds no room even so', async () => {
    const directory = temporaryFolder()
    const { hold, holds, dropped, failed } = await open(directory, { maxBytes: 300 })
    await hold('idle', 1)
    holds.left('idle', false)
    await hold('busy', 2)
    expect([await hold('larger', 3, 301), await hold('large', 4, 201)]).toEqual([undefined, undefined])
    expect(holds.find('idle', wants(1))).toBeDefined()
    expect(dropped).toEqual([])
    expect(failed).toMatchObject([{ error: { code: 'SNAPMINT_HOLDS_FULL' } }])
  })

  it('keeps the hold of a job that was handed out again before an outcome came too late', async () => {
    const directory = temporaryFolder()
    const { hold, holds } = await open(directory)
    const requests = [wants(1)]
    holds.claimed('a', requests)
    await hold('a', 1)
    holds.claimed('a', requests)
    holds.left('a', true)
    const again = await reopen(directory)
    expect(again.holds.find('a', wants(1))).toBeDefined()
    holds.left('a', true)
    expect(holds.find('a', wants(1))).toBe(undefined)
  })

  it('keeps the folder after its close was given up, until the disk has answered', async () => {
    const directory = temporaryFolder()
    const { opened, open: goOn } = gate()
    let reached = false
    const { state, files } = breakable({
      rename: (async (...args: Parameters<FileSystem['rename']>) => {
        reached = true
        await opened
        return systemFiles.rename(...args)
      }) as FileSystem['rename'],
    })
    const { store, hold, holds, failed } = await open(join(directory, 'holds'), { files })
    await hold('a', 1)
    rmSync(join(directory, 'holds/pictures'), { recursive: true })
    state.broken = true
    holds.left('a', true)
    await until(() => reached)
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const closing = store.close()
    await vi.advanceTimersByTimeAsync(60_000)
    vi.useRealTimers()
    await closing
    expect(failed).not.toEqual([])
    await expect(open(join(directory, 'holds'))).rejects.toMatchObject({ code: 'SNAPMINT_HOLDS_IN_USE' })
    goOn()
    await until(() => ownersIn(join(directory, 'holds')).length === 0)
    expect((await open(join(directory, 'holds'))).dropped).toEqual([])
  })

  it('leaves no lock behind when it is released while it is renewed', async () => {
    const directory = temporaryFolder()
    const { opened, open: goOn } = gate()
    const { state, files } = breakable({
      open: (async (...args: Parameters<FileSystem['open']>) => {
        await opened
        return systemFiles.open(...args)
      }) as FileSystem['open'],
    })
    const lock = await lockFolder(files, directory)
    expect(ownersIn(directory)).toHaveLength(1)
    state.broken = true
    const touching = lock.touch()
    const releasing = lock.release()
    await new Promise((resolve) => setTimeout(resolve, 10))
    goOn()
    await Promise.all([touching, releasing])
    await lock.touch()
    expect(ownersIn(directory)).toEqual([])
  })
})
