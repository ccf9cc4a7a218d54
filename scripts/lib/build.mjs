import { existsSync } from 'node:fs'
import { join, relative } from 'node:path'
import { Failure } from './failure.mjs'
import { announce, finished } from './progress.mjs'
import { readJson, root } from './root.mjs'
import { runNode } from './run.mjs'
import { clearStamp, hashOf, readStamp, writeStamp } from './stamp.mjs'
import { closureOf, needsOf, readProjects } from './workspace.mjs'

/** A hash of all that the build of each project depends on, by name. Declarations also depend on the projects it needs. */
function fingerprints(projects) {
  const shared = ['tsup.shared.ts', 'tsconfig.base.json', 'pnpm-lock.yaml'].map((name) => join(root, name))
  /** @type {Map<string, string>} */
  const hashes = new Map()
  for (const project of projects) {
    const own = ['src', 'package.json', 'tsup.config.ts'].map((name) => join(project.directory, name))
    const needed = needsOf(project, projects).map((name) => hashes.get(name) ?? '')
    hashes.set(project.name, hashOf([...shared, ...own], needed))
  }
  return hashes
}

function isBuilt(project, hash, declarations) {
  const stamp = readStamp(`build-${project.name}`)
  return stamp.hash === hash && (stamp.declarations || !declarations) && existsSync(join(project.directory, 'dist', 'index.js'))
}

async function build(project, hash, declarations) {
  clearStamp(`build-${project.name}`)
  const tsup = join(root, 'node_modules', 'tsup')
  const program = join(tsup, readJson(join(tsup, 'package.json')).bin.tsup)
  const env = { SNAPMINT_BUILD: declarations ? 'full' : 'fast' }
  const { code, output } = await runNode(program, [], { cwd: project.directory, env })
  if (code !== 0) throw new Failure(`${project.name} does not build (${relative(root, project.directory)}):\n${output.trim()}`)
  writeStamp(`build-${project.name}`, { hash, declarations })
}

/**
 * Builds the named projects and what they need; those that have not changed are left alone.
 * @param {readonly string[]} names
 * @param {{ declarations: boolean }} options running needs no declarations, and they take most of the time.
 */
export async function buildFor(names, { declarations }) {
  const projects = closureOf(names).filter(({ manifest }) => manifest.scripts?.build !== undefined)
  const hashes = fingerprints(projects)
  const stale = projects.filter((project) => !isBuilt(project, hashes.get(project.name), declarations))
  if (stale.length === 0) return
  const since = performance.now()
  announce(`Building ${stale.map(({ name }) => name).join(', ')}${declarations ? ' with declarations' : ''}`)
  const under = new Map()
  for (const project of stale) {
    // Each after those it needs; the others side by side.
    const before = needsOf(project, stale).map((name) => under.get(name))
    under.set(
      project.name,
      Promise.all(before).then(() => build(project, hashes.get(project.name), declarations)),
    )
  }
  await settleAll([...under.values()])
  finished('built', since)
}

/** Waits for every build, also after one has failed, so that none is left running. */
async function settleAll(builds) {
  const results = await Promise.allSettled(builds)
  const failed = results.find(({ status }) => status === 'rejected')
  if (failed !== undefined) throw failed.reason
}

/** Names of all projects that have a build. */
export const buildable = () =>
  readProjects()
    .filter(({ manifest }) => manifest.scripts?.build !== undefined)
    .map(({ name }) => name)
