import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { readJson, root } from './root.mjs'

/**
 * @typedef {object} Project
 * @property {string} name
 * @property {string} directory absolute
 * @property {Record<string, any>} manifest
 */

/** Every project below the root: packages, examples, tests that are projects of their own, benchmarks. @returns {Project[]} */
export function readProjects() {
  const folders = ['packages', 'examples', 'test'].flatMap((group) =>
    existsSync(join(root, group)) ? readdirSync(join(root, group)).map((name) => join(root, group, name)) : [],
  )
  return [...folders, join(root, 'bench')]
    .filter((directory) => existsSync(join(directory, 'package.json')))
    .map((directory) => {
      const manifest = readJson(join(directory, 'package.json'))
      return { name: manifest.name, directory, manifest }
    })
}

/** Projects of the workspace that `project` needs at run time. */
function needs(project, projects) {
  const names = { ...project.manifest.dependencies, ...project.manifest.peerDependencies }
  return projects.filter(({ name }) => name in names)
}

/**
 * The named projects and all they need at run time, each after its own needs.
 * @param {readonly string[]} names
 * @returns {Project[]}
 */
export function closureOf(names, projects = readProjects()) {
  /** @type {Set<Project>} */
  const ordered = new Set()
  const open = new Set()
  const visit = (project) => {
    if (open.has(project)) return
    open.add(project)
    needs(project, projects).forEach(visit)
    ordered.add(project)
  }
  for (const name of names) {
    const project = projects.find((candidate) => candidate.name === name)
    if (project === undefined) throw new Error(`No project named ${name} in the workspace`)
    visit(project)
  }
  return [...ordered]
}

/** Names of the workspace's projects that `project` needs at run time. */
export const needsOf = (project, projects) => needs(project, projects).map(({ name }) => name)
