import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Failure } from './failure.mjs'
import { isOffline, npmInstall } from './npm.mjs'
import { announce } from './progress.mjs'
import { readJson, root } from './root.mjs'
import { runNode } from './run.mjs'

const toolsDirectory = join(root, '.tools')
const pnpmDirectory = join(toolsDirectory, 'node_modules', 'pnpm')

/** @returns {string} the version that package.json pins, without its hash. */
function pinnedVersion() {
  const [, version] = /^pnpm@([^+]+)/.exec(readJson(join(root, 'package.json')).packageManager) ?? []
  if (version === undefined) throw new Failure('package.json names no pnpm version under "packageManager".')
  return version
}

function installedVersion() {
  const manifest = join(pnpmDirectory, 'package.json')
  return existsSync(manifest) ? readJson(manifest).version : undefined
}

async function fetchPnpm(version) {
  announce(`Fetching pnpm ${version} into .tools/ (installs the packages below; once)`)
  mkdirSync(toolsDirectory, { recursive: true })
  const { code, output } = await npmInstall(toolsDirectory, [`pnpm@${version}`])
  if (code === 0 && installedVersion() === version) return
  if (isOffline(output)) {
    throw new Failure(
      'The npm registry cannot be reached, and the packages have to come from there once. Check the network, the proxy and `npm config get registry`, then run the command again.',
    )
  }
  throw new Failure(`pnpm ${version} could not be installed into .tools/:\n${output.trim()}`)
}

/**
 * Runs the pinned pnpm; fetches it first where it is not there yet.
 * @param {readonly string[]} args
 * @param {Parameters<typeof run>[2]} [options]
 */
export async function runPnpm(args, options) {
  const version = pinnedVersion()
  if (installedVersion() !== version) await fetchPnpm(version)
  return runNode(join(pnpmDirectory, 'bin', 'pnpm.cjs'), args, options)
}
