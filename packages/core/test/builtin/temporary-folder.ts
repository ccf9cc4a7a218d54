import { execFileSync } from 'node:child_process'
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import { type FileSystem, systemFiles } from '../../src/util/durable-files.js'

const cleanUps: (() => void)[] = []

/** Empties what the functions of this file made, after each test. */
export function cleanUpAfterEach(): void {
  afterEach(() => {
    for (const cleanUp of cleanUps.splice(0).reverse()) cleanUp()
  })
}

export function temporaryFolder(): string {
  const { folder, remove } = removableFolder()
  cleanUps.push(remove)
  return folder
}

/** A folder for a whole file of tests, which removes it itself. */
export function removableFolder() {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'snapmint-test-'))
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

export interface SmallDisk {
  readonly folder: string
  readonly files: FileSystem
}

/** A folder on a disk of 256 KiB: a real one where the system lets us mount it, one whose files refuse to grow beyond that elsewhere. */
export function smallDisk(): SmallDisk {
  const folder = temporaryFolder()
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', folder], { stdio: 'ignore' })
    cleanUps.push(() => execFileSync('umount', [folder]))
    return { folder, files: systemFiles }
  } catch {
    return { folder, files: refusingLargeFiles() }
  }
}

function refusingLargeFiles(): FileSystem {
  return withFiles({
    open: (async (...args: Parameters<FileSystem['open']>) => {
      const handle = await systemFiles.open(...args)
      const writeFile = handle.writeFile.bind(handle)
      handle.writeFile = async (data, options) => {
        if ((data as Uint8Array).length > 256 * 1024) throw systemError('ENOSPC')
        await writeFile(data, options)
      }
      return handle
    }) as FileSystem['open'],
  })
}

/** The real files, with some functions replaced. */
export function withFiles(replaced: Partial<FileSystem>): FileSystem {
  return { ...systemFiles, ...replaced }
}

export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: made up by the test`), { code })
}
