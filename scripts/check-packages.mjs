import './lib/node-version.mjs'
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { runScript } from './lib/failure.mjs'
import { manifestProblems } from './lib/manifest-problems.mjs'
import { runPnpm } from './lib/pnpm.mjs'
import { cacheDirectory, readJson, root } from './lib/root.mjs'
import { runNode } from './lib/run.mjs'
import { readProjects } from './lib/workspace.mjs'

/** The file that `node_modules/.bin/<name>` would run. */
function programOf(tool, name) {
  const directory = join(root, 'node_modules', tool)
  const { bin } = readJson(join(directory, 'package.json'))
  return join(directory, typeof bin === 'string' ? bin : bin[name])
}

/** Packs a package as the registry would get it. @returns {Promise<string>} the archive */
async function pack({ name, directory }) {
  const folder = join(cacheDirectory, 'packed', name.replace(/\W+/g, '-'))
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const { code, output } = await runPnpm(['pack', '--pack-destination', folder], { cwd: directory })
  const [archive] = readdirSync(folder)
  if (code !== 0 || archive === undefined) throw new Error(`${name} cannot be packed:\n${output}`)
  return join(folder, archive)
}

/** @returns {Promise<string[]>} what is wrong with a package that is about to be published. */
async function problemsOf(project) {
  const archive = await pack(project)
  const checks = await Promise.all([
    runNode(programOf('publint', 'publint'), ['run', archive, '--strict']),
    runNode(programOf('@arethetypeswrong/cli', 'attw'), [archive, '--profile', 'esm-only', '--no-emoji', '--no-color']),
  ])
  const failed = checks.filter(({ code }) => code !== 0).map(({ output }) => output.trim())
  return [...manifestProblems(project), ...failed]
}

// Every package as its users would get it: publint, are-the-types-wrong (ESM only), and the fields that people read.
await runScript(async () => {
  const projects = readProjects().filter(({ manifest }) => manifest.private !== true)
  let found = 0
  for (const project of projects) {
    const problems = await problemsOf(project)
    found += problems.length
    console.log(`${problems.length === 0 ? '✓' : '✗'} ${project.name}`)
    for (const problem of problems) console.log(problem.replace(/^/gm, '    '))
  }
  return found === 0 ? 0 : 1
})
