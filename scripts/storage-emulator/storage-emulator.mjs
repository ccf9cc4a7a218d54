import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findFirebaseTools } from '../lib/firebase-tools.mjs'

const program = fileURLToPath(new URL('server.mjs', import.meta.url))
const startMs = 60_000

/** Where Firebase's emulator of Cloud Storage is, for `startStorageEmulator`; undefined when it has not been fetched. @returns {string | undefined} */
export const findStorageEmulator = findFirebaseTools

/** It keeps objects under the folder for temporary files and settings under the home: another one at the same time would find them there. */
function environment(folder) {
  const { NODE_OPTIONS: _, ...env } = process.env
  return { ...env, HOME: folder, USERPROFILE: folder, XDG_CONFIG_HOME: folder, TMPDIR: folder, TEMP: folder, TMP: folder }
}

/**
 * Starts Firebase's emulator of Cloud Storage on a free port of 127.0.0.1. Buckets appear when they are first named. It ends with `close()`, and with this process.
 * @param {string} path of `findStorageEmulator`
 * @param {string} [projectId]
 * @returns {Promise<{ host: string, pid: number, close(): Promise<void> }>} `host` as `FIREBASE_STORAGE_EMULATOR_HOST` wants it: `127.0.0.1:<port>`.
 */
export async function startStorageEmulator(path, projectId = 'demo-snapmint') {
  const folder = await mkdtemp(join(tmpdir(), 'snapmint-storage-emulator-'))
  const child = fork(program, [path, projectId, folder], {
    cwd: folder,
    env: environment(folder),
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    detached: true,
  })
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text) => (errors = (errors + text).slice(-2000)))
  const ended = once(child, 'close')
  async function close() {
    child.kill('SIGKILL')
    await ended
    await rm(folder, { recursive: true, force: true })
  }

  const timer = setTimeout(() => child.kill('SIGKILL'), startMs)
  const [message] = await Promise.race([once(child, 'message'), ended])
  clearTimeout(timer)
  if (typeof message?.port !== 'number') {
    await close()
    throw new Error(`Firebase's storage emulator did not start:\n${errors}`)
  }
  return { host: `127.0.0.1:${message.port}`, pid: child.pid, close }
}
