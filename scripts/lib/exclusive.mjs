import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { announce } from './progress.mjs'
import { cacheDirectory } from './root.mjs'

const lockFile = join(cacheDirectory, 'set-up.lock')

/** Does a process of this number run? @param {number} pid */
export function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/** @returns {number | undefined} the process that sets up at the moment, if it still runs. */
function holder() {
  try {
    const pid = Number(readFileSync(lockFile, 'utf8'))
    return pid > 0 && isAlive(pid) ? pid : undefined
  } catch {
    return undefined
  }
}

/** A link appears with its content, so that nobody reads a lock that does not name its holder yet. */
function tryAcquire() {
  const own = `${lockFile}.${process.pid}`
  writeFileSync(own, String(process.pid))
  try {
    linkSync(own, lockFile)
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
    return false
  } finally {
    rmSync(own, { force: true })
  }
}

async function acquire() {
  for (let waited = false; !tryAcquire(); ) {
    const pid = holder()
    if (pid === undefined) rmSync(lockFile, { force: true })
    else if (!waited) announce(`Waiting for another set-up of this checkout to finish (process ${pid})`)
    waited ||= pid !== undefined
    await sleep(100)
  }
}

/**
 * Two set-ups at once would write the same files: the second one waits for the first.
 * @template T
 * @param {() => Promise<T>} work
 */
export async function exclusively(work) {
  mkdirSync(cacheDirectory, { recursive: true })
  await acquire()
  try {
    return await work()
  } finally {
    rmSync(lockFile, { force: true })
  }
}
