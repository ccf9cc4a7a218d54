import { fork } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'tsup'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { removableFolder } from '../temporary-folder.js'

const compiled = removableFolder()

beforeAll(async () => {
  const entry = fileURLToPath(new URL('sink-writer.ts', import.meta.url))
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

afterAll(compiled.remove)

/** Pictures that can be seen, by name. */
function visiblePictures(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('.snapmint-tmp'))
    .map((entry) => join(entry.parentPath, entry.name))
}

describe('directorySink in a process that is killed', () => {
  it('never shows a picture that is not complete', { timeout: 120_000 }, async () => {
    const directory = join(compiled.folder, 'frames')
    for (let kill = 0; kill < 10; kill++) {
      const child = fork(join(compiled.folder, 'sink-writer.mjs'), [directory], {
        execArgv: [],
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      })
      await once(child, 'message')
      await sleep(Math.random() * 30)
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    const pictures = visiblePictures(directory)
    expect(pictures.length).toBeGreaterThanOrEqual(10)
    for (const path of pictures) {
      expect(path).toContain(createHash('sha256').update(readFileSync(path)).digest('hex'))
    }
  })
})
