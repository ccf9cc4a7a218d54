import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The checkout's folder. */
export const root = fileURLToPath(new URL('../..', import.meta.url))

/** What the scripts remember between two runs. Safe to delete. */
export const cacheDirectory = join(root, '.cache')

/** @param {string} path */
export const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'))
