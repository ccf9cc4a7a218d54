import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { announce } from './progress.mjs'
import { cacheDirectory } from './root.mjs'

/** Does a process of this number run? @param {number} pid */
export function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/** @returns {number | undefined} the process that holds the lock at the moment, if it still runs. */
function holder(lockFile) {
  try {
    const pid = Number(readFileSync(lockFile, 'utf8'))
    return pid > 0 && isAlive(pid) ? pid : undefined
  } catch {
    return undefined
  }
}

/** A link appears with its content, so that nobody reads a lock that does not name its holder yet. */
function tryAcquire(lockFile) {
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

async function acquire(lockFile) {
  for (let waited = false; !tryAcquire(lockFile); ) {
    const pid = holder(lockFile)
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
 * @param {string} [name] of what is set up: different things may be, at the same time.
 */
export async function exclusively(work, name = 'set-up') {
  const lockFile = join(cacheDirectory, `${name}.lock`)
  mkdirSync(cacheDirectory, { recursive: true })
  await acquire(lockFile)
  try {
    return await work()
  } finally {
    rmSync(lockFile, { force: true })
  }
}
