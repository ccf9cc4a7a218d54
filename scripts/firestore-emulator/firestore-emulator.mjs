import { fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, realpathSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('server.mjs', import.meta.url))
const jarPath = ['platform', 'cloud-firestore-emulator', 'cloud-firestore-emulator.jar']
const windows = process.platform === 'win32'

/**
 * Where Google's Firestore emulator is, for `startFirestoreEmulator`, if there are Java and the Google Cloud SDK with it: named by FIRESTORE_EMULATOR_JAR, or found beside `gcloud`.
 * @param {Readonly<Record<string, string | undefined>>} [env]
 * @returns {string | undefined}
 */
export function findFirestoreEmulator(env = process.env) {
  const folders = (env.PATH ?? env.Path ?? '').split(delimiter)
  const find = (/** @type {string} */ name) => folders.map((folder) => join(folder, name)).filter((path) => existsSync(path))
  if (find(windows ? 'java.exe' : 'java').length === 0) return undefined
  const roots = find(windows ? 'gcloud.cmd' : 'gcloud').map((path) => dirname(dirname(realpathSync(path))))
  const named = env.FIRESTORE_EMULATOR_JAR
  return [...(named === undefined ? [] : [named]), ...roots.map((root) => join(root, ...jarPath))].find((path) =>
    existsSync(path),
  )
}

/**
 * Starts Google's Firestore emulator on a free port of 127.0.0.1. It ends with `close()`, and with this process, however that ends.
 * @param {string} jar of `findFirestoreEmulator`
 * @returns {Promise<{ host: string, pid: number, close(): Promise<void> }>} `host` as `FIRESTORE_EMULATOR_HOST` wants it: `127.0.0.1:<port>`.
 */
export async function startFirestoreEmulator(jar) {
  // A terminal's Ctrl-C goes to everybody of its group: this one has to outlive the settling of jobs.
  const child = fork(program, [jar], { execArgv: [], stdio: ['ignore', 'ignore', 'ignore', 'ipc'], detached: true })
  const ended = once(child, 'exit')
  const [message] = await Promise.race([once(child, 'message'), ended])
  async function close() {
    if (child.connected) child.disconnect()
    await ended
  }
  if (typeof message?.host === 'string') return { host: message.host, pid: message.pid, close }
  await close()
  throw new Error(`Google's Firestore emulator did not start: ${message?.error ?? 'its process ended'}`)
}
