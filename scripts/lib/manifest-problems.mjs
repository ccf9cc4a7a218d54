import { existsSync } from 'node:fs'
import { join, relative } from 'node:path'
import { readJson, root } from './root.mjs'

const filled = (value) => typeof value === 'string' && value !== ''

/**
 * What a person or the registry would miss in the manifest of a package that is to be published.
 * @param {import('./workspace.mjs').Project} project
 * @returns {string[]}
 */
export function manifestProblems({ directory, manifest }) {
  const { license, engines } = readJson(join(root, 'package.json'))
  const folder = relative(root, directory).replaceAll('\\', '/')
  const rules = [
    [manifest.license === license, `"license" must be "${license}"`],
    [filled(manifest.description), '"description" is missing'],
    [Array.isArray(manifest.keywords) && manifest.keywords.length > 0, '"keywords" are missing'],
    [
      filled(manifest.repository?.url) && manifest.repository.directory === folder,
      `"repository" needs a "url" and "directory": "${folder}"`,
    ],
    [filled(manifest.homepage), '"homepage" is missing'],
    [manifest.bugs !== undefined, '"bugs" is missing'],
    [manifest.type === 'module', '"type" must be "module"'],
    [manifest.sideEffects === false, '"sideEffects" must be false'],
    [manifest.engines?.node === engines.node, `"engines.node" must be "${engines.node}"`],
    [JSON.stringify(manifest.files) === '["dist"]', '"files" must be ["dist"]'],
    [manifest.exports?.['./package.json'] === './package.json', '"exports" must let "./package.json" through'],
    [existsSync(join(directory, 'README.md')), 'README.md is missing'],
  ]
  return rules.filter(([holds]) => !holds).map(([, problem]) => problem)
}
