import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { cacheDirectory, readJson, root } from './root.mjs'

/** Every file below `path`, or `path` itself, in a stable order. */
function filesBelow(path) {
  if (!existsSync(path)) return []
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesBelow(join(path, name)))
}

/**
 * A hash of names and contents.
 * @param {readonly string[]} paths files or folders
 * @param {readonly string[]} [more] further text that counts
 */
export function hashOf(paths, more = []) {
  const hash = createHash('sha256')
  for (const text of more) hash.update(text).update('\0')
  for (const file of paths.flatMap(filesBelow)) hash.update(relative(root, file)).update('\0').update(readFileSync(file))
  return hash.digest('hex')
}

const stampPath = (name) => join(cacheDirectory, 'stamps', `${name.replace(/[^\w.-]+/g, '-')}.json`)

/** What was noted when `name` was last finished. @returns {Record<string, any>} */
export function readStamp(name) {
  try {
    return readJson(stampPath(name))
  } catch {
    return {} // none yet, or cut short: the work is done again
  }
}

export const clearStamp = (name) => rmSync(stampPath(name), { force: true })

export function writeStamp(name, value) {
  mkdirSync(dirname(stampPath(name)), { recursive: true })
  writeFileSync(stampPath(name), JSON.stringify(value))
}
