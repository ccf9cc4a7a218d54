import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { isOffline, npmInstall } from './npm.mjs'
import { announce, finished } from './progress.mjs'
import { cacheDirectory, readJson } from './root.mjs'

/*
 * Firebase's emulator of Cloud Storage is a part of its command line, which brings 600 packages and 240 MB: too much for the lockfile of a project that only starts one server
 * of it. Its inner modules are used, so the version is exact.
 */

const version = '15.34.2'
const installed = join(cacheDirectory, 'firebase-tools')
const packageOf = (directory) => join(directory, 'node_modules', 'firebase-tools')

/** Where firebase-tools of the one version that is known to work lies; undefined when it has not been fetched. @returns {string | undefined} */
export function findFirebaseTools() {
  const directory = packageOf(installed)
  const manifest = join(directory, 'package.json')
  return existsSync(manifest) && readJson(manifest).version === version ? directory : undefined
}

async function fetchInto(directory) {
  const { code, output } = await npmInstall(directory, [`firebase-tools@${version}`])
  if (code !== 0) return isOffline(output) ? 'the npm registry cannot be reached' : output.trim()
  rmSync(installed, { recursive: true, force: true })
  // It appears whole or not at all.
  renameSync(directory, installed)
  return undefined
}

/**
 * Fetches firebase-tools for the tests against its emulator of Cloud Storage. Does nothing when it is there.
 * @returns {Promise<boolean>} whether it is there now; if not, the user has been told.
 */
export async function setUpFirebaseTools() {
  if (findFirebaseTools() !== undefined) return true
  const since = performance.now()
  announce(
    `Fetching Firebase's storage emulator (firebase-tools ${version}, 240 MB) into .cache, for the tests of Cloud Storage (once)`,
  )
  const directory = join(cacheDirectory, 'firebase-tools-download')
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true })
  const problem = await fetchInto(directory)
  rmSync(directory, { recursive: true, force: true })
  if (findFirebaseTools() !== undefined) {
    finished("Firebase's storage emulator fetched", since)
    return true
  }
  console.warn(
    `! Firebase's storage emulator is missing, so nothing is tested against it: ${problem ?? 'npm installed another version'}`,
  )
  return false
}
