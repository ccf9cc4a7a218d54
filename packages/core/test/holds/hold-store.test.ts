import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { encodeRecord } from '../../src/holds/hold-records.js'
import { type FileSystem, systemFiles } from '../../src/util/durable-files.js'
import { cleanUpAfterEach, smallDisk, systemError, temporaryFolder, withFiles } from '../builtin/temporary-folder.js'
import { breakable, killOwner, picturesIn, snapshot, storesOfTests, wants } from './support.js'

cleanUpAfterEach()
const { open, reopen } = storesOfTests()

describe('the store of holds', () => {
  it('gives after a kill the same bytes and the same description', async () => {
    const directory = temporaryFolder()
    const { hold } = await open(directory)
    await hold('a', 1000)
    const { holds, dropped } = await reopen(directory)
    const picture = holds.find('a', wants(1000))!
    expect(await holds.read(picture)).toEqual(await snapshot(1000))
    expect(holds.find('a', wants(1001))).toBe(undefined)
    expect(holds.find('b', wants(1000))).toBe(undefined)
    expect(dropped).toEqual([])
  })

  it('tells routes apart', async () => {
    const directory = temporaryFolder()
    await (await open(directory)).hold('a', 1000)
    const { store } = await reopen(directory)
    expect(store.route('other').find('a', wants(1000))).toBe(undefined)
  })

  it('forgets a job that is settled, and keeps one that is handed back', async () => {
    const directory = temporaryFolder()
    const { hold, holds, store } = await open(directory)
    await hold('a', 1000)
    const kept = await hold('b', 2000)
    holds.left('a', true)
    holds.left('b', false)
    await store.close()
    expect(picturesIn(directory)).toEqual([`${kept!.id}.picture`])
    const second = await open(directory)
    expect(second.holds.find('a', wants(1000))).toBe(undefined)
    expect(second.holds.find('b', wants(2000))).toEqual(kept)
  })

  it('writes one picture and few batches for a crowd', async () => {
    const directory = temporaryFolder()
    let opened = 0
    let appended = 0
    const files = withFiles({
      open: (async (...args: Parameters<FileSystem['open']>) => {
        if (args[1] === 'wx' && String(args[0]).endsWith('.picture')) opened++
        const handle = await systemFiles.open(...args)
        const appendFile = handle.appendFile.bind(handle)
        handle.appendFile = (...data) => {
          appended++
          return appendFile(...data)
        }
        return handle
      }) as FileSystem['open'],
    })
    const { holds } = await open(directory, { files })
    await Promise.all(
      Array.from({ length: 200 }, async (_, frame) => {
        const picture = await holds.keep(await snapshot(frame))
        const crowd = Array.from({ length: 25 }, (_, n) => ({ jobId: `${frame}-${n}`, request: wants(frame + n / 100) }))
        await holds.record(crowd, picture!)
      }),
    )
    expect(opened).toBe(200)
    expect(appended).toBeLessThan(200)
    const again = await reopen(directory)
    expect(again.holds.find('199-24', wants(199.24))).toMatchObject({ captureTime: 199 })
  })

  it('passes over a torn line, and foreign and unfinished files', async () => {
    const directory = temporaryFolder()
    const { hold } = await open(directory)
    await hold('a', 1000)
    appendFileSync(join(directory, 'journal.jsonl'), encodeRecord(['forget', 'r', 'a']).slice(0, -9))
    writeFileSync(join(directory, 'pictures/note.txt'), 'mine')
    writeFileSync(join(directory, 'pictures', `${'0'.repeat(24)}.picture`), 'nobody names it')
    writeFileSync(join(directory, `journal.${'0'.repeat(24)}.tmp`), 'half a journal')
    mkdirSync(join(directory, 'pictures/folder.picture'))
    const { holds, dropped } = await reopen(directory)
    expect(holds.find('a', wants(1000))).toBeDefined()
    expect(dropped).toEqual([{ reason: 'torn', count: 1 }])
    expect(picturesIn(directory)).not.toContain(`${'0'.repeat(24)}.picture`)
    expect(existsSync(join(directory, 'pictures/note.txt'))).toBe(true)
    expect(readdirSync(directory).filter((name) => name.endsWith('.tmp'))).toEqual([])
  })

  it('drops pictures that are missing, cut short or changed, and trusts no line that names another place', async () => {
    const directory = temporaryFolder()
    const { hold } = await open(directory)
    const [missing, short, changed] = [await hold('a', 1), await hold('b', 2), await hold('c', 3)]
    const pathOf = (picture: typeof missing) => join(directory, 'pictures', `${picture!.id}.picture`)
    rmSync(pathOf(missing))
    truncateSync(pathOf(short), 50)
    writeFileSync(pathOf(changed), new Uint8Array(100))
    appendFileSync(join(directory, 'journal.jsonl'), encodeRecord(['picture', { ...changed!, id: '../../secret' }]))
    const { holds, dropped } = await reopen(directory)
    expect(dropped).toEqual([
      { reason: 'torn', count: 1 },
      { reason: 'damaged', count: 2 },
    ])
    expect([holds.find('a', wants(1)), holds.find('b', wants(2))]).toEqual([undefined, undefined])
    await expect(holds.read(holds.find('c', wants(3))!)).rejects.toMatchObject({ code: 'SNAPMINT_HOLD_FAILED' })
    expect(holds.find('c', wants(3))).toBe(undefined)
  })

  it.each([
    ['an unknown version', encodeRecord(['version', 99])],
    ['bytes of anything', '\0\x01\x02{"a":\n[]\n'],
  ])('begins anew on %s', async (_, journal) => {
    const directory = temporaryFolder()
    await (await open(directory)).hold('a', 1000)
    writeFileSync(join(directory, 'journal.jsonl'), journal)
    const { hold, dropped } = await reopen(directory)
    expect(dropped).toHaveLength(1)
    expect(picturesIn(directory)).toEqual([])
    await hold('a', 2000)
    expect((await reopen(directory)).holds.find('a', wants(2000))).toBeDefined()
  })

  it('when full, lets go of what nobody works on, oldest first, and holds no more when all is under work', async () => {
    const directory = temporaryFolder()
    const first = await open(directory, { maxBytes: 300 })
    await first.hold('old', 1)
    await first.hold('idle', 2)
    await first.hold('busy', 3)
    first.holds.left('old', false)
    first.holds.left('idle', false)
    await first.hold('new', 4)
    expect(first.dropped).toEqual([{ reason: 'full', count: 1 }])
    expect(['old', 'idle', 'busy', 'new'].map((id, n) => first.holds.find(id, wants(n + 1)) !== undefined)).toEqual([
      false,
      true,
      true,
      true,
    ])
    first.holds.claimed('idle', [wants(2)])
    expect(await first.hold('newest', 5)).toBe(undefined)
    expect(first.failed).toMatchObject([{ count: 1, error: { code: 'SNAPMINT_HOLDS_FULL' } }])
    expect(picturesIn(directory)).toHaveLength(3)
  })

  it('lets go of holds that are too old, but not as soon as it starts: it may have been off for long', async () => {
    const directory = temporaryFolder()
    await (await open(directory)).hold('a', 1000)
    const clock = () => Date.now() + 86_400_001
    expect((await reopen(directory, {}, { clock })).holds.find('a', wants(1000))).toBeDefined()
    const { dropped, holds } = await reopen(directory, {}, { clock, graceMs: 0 })
    expect(dropped).toEqual([{ reason: 'expired', count: 1 }])
    expect(holds.find('a', wants(1000))).toBe(undefined)
  })

  it('writes nothing of a job but its id and its moment', async () => {
    const directory = temporaryFolder()
    const { hold } = await open(directory)
    const { id, sha256 } = (await hold('the-id', 1000))!
    const journal = readFileSync(join(directory, 'journal.jsonl'), 'utf8')
    const known = journal.replaceAll(id, '').replaceAll(sha256, '')
    expect(known.split('\n').map((line) => line.slice(9).replace(/\d{13}/, 'NOW'))).toEqual([
      '["version",1]',
      '["picture",{"id":"","bytes":100,"source":"camera","captureTime":1000,"mimeType":"image/jpeg","sha256":"","codedWidth":4,"rotation":90}]',
      '["hold","r","the-id","[\\"camera\\",1000,\\"closest\\",\\"Infinity\\"]","",NOW]',
      '',
    ])
  })
})

describe('a broken disk', () => {
  const refuse = (code: string) => (() => Promise.reject(systemError(code))) as never

  it.each(['ENOSPC', 'EROFS', 'EIO', 'ENOENT'])(
    'that answers %s is told once, left alone, and used again when it is mended',
    async (code) => {
      const directory = temporaryFolder()
      const { state, files } = breakable({ open: refuse(code) })
      const { hold, failed } = await open(directory, { files }, { restMs: 30 })
      await hold('before', 1)
      state.broken = true
      expect(await hold('a', 1000)).toBe(undefined)
      expect(await hold('b', 1001)).toBe(undefined)
      expect(failed).toMatchObject([{ count: 1, error: { code: 'SNAPMINT_HOLD_FAILED', retryable: true } }])
      state.broken = false
      await new Promise((resolve) => setTimeout(resolve, 40))
      expect(await hold('c', 1002)).toBeDefined()
      const { holds } = await reopen(directory)
      expect([holds.find('before', wants(1)), holds.find('c', wants(1002))]).toMatchObject([
        { captureTime: 1 },
        { captureTime: 1002 },
      ])
    },
  )

  it('whose journal cannot be written keeps what it had, and has everything once it can', async () => {
    const directory = temporaryFolder()
    const { state, files } = breakable({ rename: refuse('EIO') })
    const failing = withFiles({
      ...files,
      open: (async (...args: Parameters<FileSystem['open']>) => {
        const handle = await systemFiles.open(...args)
        const appendFile = handle.appendFile.bind(handle)
        handle.appendFile = (data, options) => {
          if (!state.broken) return appendFile(data, options)
          // Half of it arrives, as on a disk that fills up.
          return appendFile(String(data).slice(0, 20)).then(() => Promise.reject(systemError('ENOSPC')))
        }
        return handle
      }) as FileSystem['open'],
    })
    const { hold, failed } = await open(directory, { files: failing }, { restMs: 0 })
    await hold('a', 1)
    state.broken = true
    await hold('b', 2)
    expect(failed).toHaveLength(1)
    expect((await reopen(directory)).holds.find('a', wants(1))).toBeDefined()
    killOwner(directory)
    state.broken = false
    await hold('c', 3)
    const { holds } = await reopen(directory)
    expect(['a', 'b', 'c'].map((id, n) => holds.find(id, wants(n + 1))?.captureTime)).toEqual([1, undefined, 3])
  })

  it('that hangs delays a picture for a time, and the next ones not at all', async () => {
    const directory = temporaryFolder()
    let release = () => {}
    const hanging = new Promise<void>((resolve) => {
      release = resolve
    })
    const { state, files } = breakable({
      open: (async (...args: Parameters<FileSystem['open']>) => {
        await hanging
        return systemFiles.open(...args)
      }) as FileSystem['open'],
    })
    const { hold, failed } = await open(directory, { files }, { timeoutMs: 20, restMs: 0 })
    state.broken = true
    const opened = await Promise.all(Array.from({ length: 10 }, (_, n) => hold(`${n}`, n)))
    expect(opened).toEqual(Array.from({ length: 10 }, () => undefined))
    expect(failed.length).toBeGreaterThan(0)
    release()
    state.broken = false
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect(await hold('after', 1000)).toBeDefined()
    // What came too late is gone: nobody names it.
    expect(picturesIn(directory)).toHaveLength(1)
  })

  it('that is full holds what it can, and no picture is half there', async () => {
    const { folder, files } = smallDisk()
    const { hold, failed } = await open(join(folder, 'holds'), { files, maxBytes: 2 ** 30 }, { restMs: 0 })
    const held = []
    for (let n = 0; n < 5; n++) held.push(await hold(`${n}`, n, 60_000 + n * 60_000))
    expect(held.at(-1)).toBe(undefined)
    expect(failed.length).toBeGreaterThan(0)
    const { holds } = await reopen(join(folder, 'holds'), { files })
    for (const picture of held) if (picture !== undefined) expect((await holds.read(picture)).sha256).toBe(picture.sha256)
  })

  it('whose folder is taken away is set up again', async () => {
    const directory = join(temporaryFolder(), 'holds')
    const { hold, failed } = await open(directory, {}, { restMs: 0 })
    await hold('a', 1)
    rmSync(directory, { recursive: true })
    await hold('c', 3)
    await hold('d', 4)
    expect(failed).toEqual([])
    const { holds } = await reopen(directory)
    expect(holds.find('d', wants(4))).toMatchObject({ captureTime: 4 })
  })
})

describe('the lock of the folder', () => {
  it('gives way to a live owner, and to one of another machine that was seen lately', async () => {
    const directory = temporaryFolder()
    const { store } = await open(directory)
    await expect(open(directory)).rejects.toMatchObject({ code: 'SNAPMINT_HOLDS_IN_USE', retryable: true })
    await store.close()
    writeFileSync(join(directory, 'owner-0badcafe.12.34.56.lock'), '')
    await expect(open(directory)).rejects.toMatchObject({ code: 'SNAPMINT_HOLDS_IN_USE' })
    expect(readdirSync(directory).filter((name) => name.startsWith('owner-'))).toHaveLength(1)
  })

  it('does not open a folder that cannot be written', async () => {
    const refusing = withFiles({ open: (() => Promise.reject(systemError('EACCES'))) as never })
    await expect(open(temporaryFolder(), { files: refusing })).rejects.toMatchObject({ code: 'SNAPMINT_DIRECTORY_UNUSABLE' })
  })
})
