import { mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeShotDirectory, removeShotDirectory, sweepShotDirectories } from '../src/shot-directory.js'
import { temporaryDirectory } from './fixtures/temporary-directory.js'

const directory = temporaryDirectory()

async function place(name: string): Promise<string> {
  const path = join(directory, name)
  await mkdir(path)
  return path
}

describe('the directory of a shot', () => {
  it('is for this user alone, and goes with what is in it', async () => {
    const parent = await place('private')
    const path = await makeShotDirectory(1000, [parent])
    expect((await stat(path)).mode & 0o777).toBe(0o700)
    await writeFile(join(path, 'picture.jpg'), 'x')
    await removeShotDirectory(path)
    expect(await readdir(parent)).toEqual([])
  })

  it('is made in the first place that will have it', async () => {
    const parent = await place('second')
    expect(await makeShotDirectory(1000, [join(directory, 'nosuch'), parent])).toContain(parent)
    await expect(makeShotDirectory(1000, [join(directory, 'nosuch')])).rejects.toMatchObject({
      code: 'SNAPMINT_DIRECTORY_UNUSABLE',
    })
  })

  it('is swept when its time is over, and no other', async () => {
    const parent = await place('swept')
    const stale = `snapmint-webcam-${Date.now() - 1}-AbC123`
    const others = [`snapmint-webcam-${Date.now() - 1}-AbC123-mine`, 'snapmint-webcam-1-AbC123', 'snapmint-webcam-notes', 'other']
    for (const name of [stale, ...others]) await mkdir(join(parent, name))
    await writeFile(join(parent, stale, 'picture.jpg'), 'x')
    const inUse = await makeShotDirectory(1000, [parent])
    await sweepShotDirectories([join(directory, 'nosuch'), parent])
    expect((await readdir(parent)).map((name) => join(parent, name)).sort()).toEqual(
      [inUse, ...others.map((name) => join(parent, name))].sort(),
    )
  })
})
