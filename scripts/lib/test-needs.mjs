import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './root.mjs'

/**
 * Which of what takes minutes to set up the tests need that are asked for: all of it, unless each argument is a path in a folder that does without.
 * @param {readonly string[]} vitestArgs what follows `npm test --`.
 */
export function testNeeds(vitestArgs) {
  const paths = vitestArgs.map((path) => path.replace(/^\.\//, ''))
  // Part of a folder's name, or the value of an option, may mean any test.
  const folders = paths.map((path) => /^(?:packages|examples|scripts|bench|test)\/[\w.-]+/.exec(path)?.[0])
  const areKnown = folders.length > 0 && folders.every((folder) => folder !== undefined && existsSync(join(root, folder)))
  const isNeededFor = (/** @type {RegExp} */ pattern) => !areKnown || paths.some((path) => pattern.test(path))
  return {
    opencv: isNeededFor(/opencv|v4l2|sketchbox|^bench/),
    ceph: isNeededFor(/sink-s3/),
    firebase: isNeededFor(/sink-gcs|sketchbox|^test\/cloud/),
  }
}
