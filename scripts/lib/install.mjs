import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Failure } from './failure.mjs'
import { runPnpm } from './pnpm.mjs'
import { announce, finished } from './progress.mjs'
import { readJson, root } from './root.mjs'
import { clearStamp, hashOf, readStamp, writeStamp } from './stamp.mjs'
import { closureOf, readProjects } from './workspace.mjs'

const manifestOf = ({ directory }) => join(directory, 'package.json')

function fingerprint(projects) {
  const files = ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml'].map((name) => join(root, name))
  return hashOf([...files, ...projects.map(manifestOf)], [process.versions.modules, process.platform, process.arch])
}

/** Is everything that these projects declare still on the disk? Optional peers are for the user to install. */
function isPresent(projects, kinds) {
  const isNeeded = ({ peerDependenciesMeta = {} }, kind, name) =>
    kind !== 'peerDependencies' || peerDependenciesMeta[name]?.optional !== true
  return projects.every(({ directory, manifest }) =>
    kinds.every((kind) =>
      Object.keys(manifest[kind] ?? {})
        .filter((name) => isNeeded(manifest, kind, name))
        .every((name) => existsSync(join(directory, 'node_modules', name))),
    ),
  )
}

async function install(args, why) {
  const since = performance.now()
  announce(why)
  const { code } = await runPnpm(
    [
      'install',
      '--frozen-lockfile',
      '--config.confirmModulesPurge=false',
      '--config.updateNotifier=false',
      '--config.fetch-retry-maxtimeout=10000',
      ...args,
    ],
    { show: true },
  )
  if (code !== 0) {
    throw new Failure(
      'The packages could not be installed; pnpm says why above. When the registry cannot be reached, check the network, the proxy and `npm config get registry`, then run the command again.',
    )
  }
  finished('packages installed', since)
}

/** Installs all of the workspace, checking tools included. Does nothing when that has been done for these manifests. */
export async function installAll() {
  const projects = readProjects()
  const hash = fingerprint(projects)
  const stamp = readStamp('install')
  const here = { name: 'root', directory: root, manifest: readJson(join(root, 'package.json')) }
  if (stamp.hash === hash && stamp.all === true && isPresent([here, ...projects], ['dependencies', 'devDependencies'])) return
  clearStamp('install')
  await install([], 'Installing all packages (to build, check and test every part)')
  writeStamp('install', { hash, all: true })
}

/**
 * Installs only what these projects need to be built and to run. Does nothing when that, or more, has been done.
 * @param {readonly string[]} names
 */
export async function installFor(names, why) {
  // Where the checking tools are, they stay: installing without them would remove them.
  if (existsSync(join(root, 'node_modules', 'vitest'))) return installAll()
  const hash = fingerprint(readProjects())
  const stamp = readStamp('install')
  const known = stamp.hash === hash ? (stamp.names ?? []) : []
  if (names.every((name) => known.includes(name)) && isPresent(closureOf(names), ['dependencies', 'peerDependencies'])) return
  clearStamp('install')
  const wanted = [...new Set([...known, ...names])]
  await install(['--prod', ...wanted.flatMap((name) => ['--filter-prod', `${name}...`])], why)
  writeStamp('install', { hash, names: wanted })
}
