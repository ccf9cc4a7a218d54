import { existsSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeDirectory, systemFiles } from '../../src/util/durable-files.js'
import { cleanUpAfterEach, temporaryFolder, withFiles } from '../builtin/temporary-folder.js'

cleanUpAfterEach()

const make = (directory: string) => makeDirectory(systemFiles, directory, { fsync: true })

describe('makeDirectory', () => {
  it('creates a directory with its parents, and again, and at the same time', async () => {
    const directory = join(temporaryFolder(), 'a/b/c')
    await Promise.all([make(directory), make(directory), make(join(directory, 'd'))])
    await make(directory)
    expect(statSync(join(directory, 'd')).isDirectory()).toBe(true)
  })

  it('follows a symbolic link to a directory', async () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'real'))
    symlinkSync('real', join(folder, 'link'))
    await make(join(folder, 'link/inner'))
    expect(existsSync(join(folder, 'real/inner'))).toBe(true)
  })

  it('rejects when a file or a link to nowhere is in the way', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'file'), '')
    symlinkSync('nowhere', join(folder, 'dangling'))
    for (const path of ['file', 'dangling']) await expect(make(join(folder, path))).rejects.toMatchObject({ code: 'EEXIST' })
    await expect(make(join(folder, 'file/inner'))).rejects.toMatchObject({ code: 'ENOTDIR' })
  })

  it('gives up where a parent exists and takes no folders', async () => {
    let tries = 0
    const mkdir = (() => {
      tries += 1
      return Promise.reject(Object.assign(new Error('ENOENT'), { code: 'ENOENT' }))
    }) as typeof systemFiles.mkdir
    await expect(makeDirectory(withFiles({ mkdir }), join(temporaryFolder(), 'a'), { fsync: false })).rejects.toThrow('ENOENT')
    expect(tries).toBe(1)
  })
})
