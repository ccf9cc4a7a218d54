import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { type DirectorySinkOptions, directorySink } from '../../src/builtin/directory-sink.js'
import { type FileSystem, systemFiles } from '../../src/util/durable-files.js'
import { signal } from './outcomes.js'
import { snapshot } from './snapshot.js'
import { cleanUpAfterEach, smallDisk, systemError, temporaryFolder, withFiles } from './temporary-folder.js'

cleanUpAfterEach()

const context = { key: 'easel/1795251907042.jpg', jobIds: ['a'], signal }

function createSink(options: Partial<DirectorySinkOptions> = {}) {
  const directory = join(temporaryFolder(), 'frames')
  return { directory, sink: directorySink({ directory, fsync: false, ...options }) }
}

function visibleFiles(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

describe('directorySink', () => {
  it('stores a picture in a folder for its source and day, and says where', async () => {
    const { directory, sink } = createSink({ fsync: true })
    const { uri } = await sink.put(snapshot('abc'), context)
    const path = join(directory, 'easel/2026-11-21/09-05-07.042_1795251907042.jpg')
    expect(fileURLToPath(uri)).toBe(path)
    expect(readFileSync(path, 'utf8')).toBe('abc')
    expect(visibleFiles(directory)).toEqual([path])
  })

  it('follows the template, with constants', async () => {
    const { directory, sink } = createSink({ template: 'frames/{contract}/{seconds}.{ext}', constants: { contract: '0xAb' } })
    const { uri } = await sink.put(snapshot('abc'), context)
    expect(fileURLToPath(uri)).toBe(join(directory, 'frames/0xAb/1795251907.jpg'))
  })

  it('takes the same picture again as a success, and leaves one with another content alone', async () => {
    const { directory, sink } = createSink({ template: '{key}' })
    const first = await sink.put(snapshot('abc'), context)
    expect(await sink.put(snapshot('abc'), context)).toEqual(first)
    for (const content of ['abd', 'abcd'])
      await expect(sink.put(snapshot(content), context)).rejects.toMatchObject({
        code: 'SNAPMINT_SINK_CONFLICT',
        retryable: false,
      })
    expect(readFileSync(fileURLToPath(first.uri), 'utf8')).toBe('abc')
    expect(visibleFiles(directory)).toHaveLength(1)
  })

  it('replaces a file when told to', async () => {
    const { sink } = createSink({ template: '{key}', overwrite: true })
    await sink.put(snapshot('abc'), context)
    const { uri } = await sink.put(snapshot('abcdef'), context)
    expect(readFileSync(fileURLToPath(uri), 'utf8')).toBe('abcdef')
  })

  it('leaves one of two different pictures that are put under one name at the same time', async () => {
    const { directory, sink } = createSink({ template: 'latest.{ext}' })
    const puts = await Promise.allSettled(['aa', 'bb', 'aa', 'bb', 'cc'].map((content) => sink.put(snapshot(content), context)))
    const content = readFileSync(join(directory, 'latest.jpg'), 'utf8')
    expect(puts.filter(({ status }) => status === 'fulfilled')).toHaveLength(content === 'cc' ? 1 : 2)
    expect(visibleFiles(directory)).toHaveLength(1)
  })

  it.each(['../../outside', '..', '/etc/passwd', 'C:\\Windows', 'a/../../b'])(
    'keeps the source %j inside the directory',
    async (source) => {
      const { directory, sink } = createSink()
      const { uri } = await sink.put(snapshot('abc', { source }), context)
      expect(visibleFiles(directory)).toEqual([fileURLToPath(uri)])
    },
  )

  it.each(['../x.jpg', 'a/../../x.jpg', '/x.jpg', 'a//x.jpg', 'a\u0000.jpg', ''])('refuses the key %j', async (key) => {
    const { directory, sink } = createSink({ template: '{key}' })
    await expect(sink.put(snapshot('abc'), { ...context, key })).rejects.toMatchObject({
      code: 'SNAPMINT_SINK_KEY_INVALID',
      retryable: false,
    })
    expect(() => readdirSync(directory)).toThrow('ENOENT')
  })

  it.each(['../{key}', '/tmp/{key}', 'a/../../{key}', 'C:/{key}', 'a\\{key}', '.snapmint-tmp/{key}', '{wrong}', ''])(
    'refuses the template %j at construction',
    (template) => {
      expect(() => createSink({ template })).toThrow(TypeError)
    },
  )

  it('follows a symbolic link within the directory and refuses one that leads out of it', async () => {
    const { directory, sink } = createSink({ template: '{source}/x.{ext}' })
    const outside = temporaryFolder()
    mkdirSync(join(directory, 'real'), { recursive: true })
    symlinkSync(join(directory, 'real'), join(directory, 'inner'))
    symlinkSync(outside, join(directory, 'outer'))
    await sink.put(snapshot('abc', { source: 'inner' }), context)
    expect(readFileSync(join(directory, 'real/x.jpg'), 'utf8')).toBe('abc')
    const put = sink.put(snapshot('abc', { source: 'outer' }), context)
    await expect(put).rejects.toMatchObject({ code: 'SNAPMINT_SINK_KEY_INVALID' })
    expect(readdirSync(outside)).toEqual([])
  })

  it('does not write through a symbolic link in the place of the picture', async () => {
    const { directory, sink } = createSink({ template: 'x.jpg' })
    const target = join(temporaryFolder(), 'target')
    writeFileSync(target, 'mine')
    mkdirSync(directory)
    symlinkSync(target, join(directory, 'x.jpg'))
    await expect(sink.put(snapshot('abc'), context)).rejects.toMatchObject({ code: 'SNAPMINT_SINK_CONFLICT' })
    expect(readFileSync(target, 'utf8')).toBe('mine')
  })

  it('works in a directory that is itself a symbolic link, and in one that was removed meanwhile', async () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'real'))
    symlinkSync(join(folder, 'real'), join(folder, 'link'))
    const sink = directorySink({ directory: join(folder, 'link'), template: '{key}', fsync: false })
    await sink.put(snapshot('abc'), context)
    rmSync(join(folder, 'real/easel'), { recursive: true })
    await sink.put(snapshot('abc'), context)
    expect(readFileSync(join(folder, 'real/easel/1795251907042.jpg'), 'utf8')).toBe('abc')
  })

  it('stores nothing, and leaves nothing, when aborted before or during the put', async () => {
    const stop = new AbortController()
    const files = withFiles({
      open: (async (...args: Parameters<FileSystem['open']>) => {
        const handle = await systemFiles.open(...args)
        stop.abort(reason)
        return handle
      }) as FileSystem['open'],
    })
    const { directory, sink } = createSink({ files })
    const reason = new Error('stop')
    await expect(sink.put(snapshot('abc'), { ...context, signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    await expect(sink.put(snapshot('abc'), { ...context, signal: stop.signal })).rejects.toBe(reason)
    expect(visibleFiles(directory)).toEqual([])
  })

  it('says so, and leaves nothing behind, when the disk is full; then goes on when there is room', async () => {
    const { folder, files } = smallDisk()
    const sink = directorySink({ directory: folder, template: '{source}.{ext}', files })
    await sink.put(snapshot('small', { source: 'a' }), context)
    const put = sink.put(snapshot(new Uint8Array(400 * 1024).fill(7), { source: 'b' }), context)
    await expect(put).rejects.toMatchObject({ code: 'SNAPMINT_SINK_FULL', retryable: true })
    expect(visibleFiles(folder)).toEqual([join(folder, 'a.jpg')])
    await sink.put(snapshot(new Uint8Array(100 * 1024).fill(7), { source: 'b' }), context)
    expect(readFileSync(join(folder, 'b.jpg'))).toHaveLength(100 * 1024)
  })

  it.each([
    ['EDQUOT', 'SNAPMINT_SINK_FULL', true],
    ['EACCES', 'SNAPMINT_SINK_FORBIDDEN', false],
    ['EROFS', 'SNAPMINT_SINK_FORBIDDEN', false],
    ['EIO', 'SNAPMINT_SINK_FAILED', true],
    ['EMFILE', 'SNAPMINT_SINK_FAILED', true],
  ])('reports %s as %s', async (number, code, retryable) => {
    const open = () => Promise.reject(systemError(number))
    const { sink } = createSink({ files: withFiles({ open }) })
    await expect(sink.put(snapshot('abc'), context)).rejects.toMatchObject({
      code,
      retryable,
      message: expect.stringContaining(number),
    })
  })

  it('does without hard links where the file system has none', async () => {
    const { directory, sink } = createSink({
      template: '{key}',
      files: withFiles({ link: () => Promise.reject(systemError('EPERM')) }),
    })
    await sink.put(snapshot('abc'), context)
    await sink.put(snapshot('abc'), context)
    await expect(sink.put(snapshot('abd'), context)).rejects.toMatchObject({ code: 'SNAPMINT_SINK_CONFLICT' })
    expect(visibleFiles(directory)).toHaveLength(1)
  })

  it('says what is in the way when a file is where a folder should be', async () => {
    const { directory, sink } = createSink({ template: '{source}/{ext}' })
    mkdirSync(directory)
    writeFileSync(join(directory, 'easel'), '')
    await expect(sink.put(snapshot('abc'), context)).rejects.toMatchObject({
      code: 'SNAPMINT_DIRECTORY_UNUSABLE',
      retryable: false,
    })
    const inTheWay = directorySink({ directory: join(directory, 'easel') })
    await expect(inTheWay.put(snapshot('abc'), context)).rejects.toMatchObject({ code: 'SNAPMINT_DIRECTORY_UNUSABLE' })
  })

  it('removes the unfinished files of a killed process once they are old, and nothing else', async () => {
    const { directory, sink } = createSink()
    const temporary = join(directory, '.snapmint-tmp')
    mkdirSync(temporary, { recursive: true })
    const [old, young, foreign] = [`${'a'.repeat(24)}.tmp`, `${'b'.repeat(24)}.tmp`, 'notes.tmp']
    for (const name of [old, young, foreign]) writeFileSync(join(temporary, name!), 'half')
    for (const name of [old, foreign]) utimesSync(join(temporary, name!), new Date(0), new Date(0))
    await sink.put(snapshot('abc'), context)
    expect(readdirSync(temporary).sort()).toEqual([young, foreign])
  })

  it('refuses media of a kind it does not know, and options it cannot use', async () => {
    const { sink } = createSink()
    await expect(sink.put({ ...snapshot('a'), kind: 'clip' } as never, context)).rejects.toThrow('"clip"')
    expect(() => directorySink({ directory: '' })).toThrow(TypeError)
    expect(() => directorySink({ directory: 'a\0b' })).toThrow(TypeError)
    expect(() => directorySink({ directory: 'x', fsync: 'yes' } as never)).toThrow(TypeError)
    expect(() => directorySink({ directory: 'x', maxInFlight: 0 })).toThrow(RangeError)
    expect(() => directorySink({ directory: 'x', folder: 'y' } as never)).toThrow('Unknown option `folder`')
  })
})
