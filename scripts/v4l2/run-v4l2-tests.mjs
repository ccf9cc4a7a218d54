import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { exclusively, isAlive } from '../lib/exclusive.mjs'
import { Failure } from '../lib/failure.mjs'
import { announce, finished } from '../lib/progress.mjs'
import { cacheDirectory, root } from '../lib/root.mjs'
import { setUpSystemTools } from '../lib/system-tools.mjs'
import { packInitialFiles, quote } from './initial-files.mjs'
import { getKernel } from './kernel.mjs'
import { runMachine } from './machine.mjs'
import { readResults } from './read-results.mjs'
import { machineTools } from './tools.mjs'

/** Everything inside takes a minute or two on two idle cores, and several times that on busy ones. */
const deadlineMs = 900_000

const cache = join(cacheDirectory, 'v4l2')
const log = join(cache, 'console.log')
const tests = join(root, 'test', 'v4l2', 'dist')

/** What the machine runs in the host's file system, as if it were on the host. */
function guestScript(folder, only) {
  const environment = {
    PATH: process.env.PATH,
    HOME: '/run/home',
    TMPDIR: '/run/tmp',
    SNAPMINT_V4L2_RESULTS: join(folder, 'results.jsonl'),
    SNAPMINT_V4L2_ONLY: only,
  }
  const program = [
    process.execPath,
    `--test-reporter=${join(tests, 'reporter.js')}`,
    '--test-reporter-destination=stdout',
    join(tests, 'index.js'),
  ]
  return [
    'mkdir -p /run/home /run/tmp',
    `cd ${quote(root)}`,
    ...Object.entries(environment).map(([name, value]) => `export ${name}=${quote(value)}`),
    `exec ${program.map(quote).join(' ')}`,
    '',
  ].join('\n')
}

function unsupported() {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return `they run on Linux on x64 only, and this is ${process.platform} on ${process.arch}`
  if (!existsSync('/usr/bin/apt-get')) return "they run on Debian's kernel, which apt-get downloads, and there is no apt-get here"
  return undefined
}

/** @returns {Promise<string | undefined>} why the machine cannot be had; undefined when it can. */
async function prepare() {
  const missing = unsupported() === undefined ? await setUpSystemTools(machineTools) : []
  return unsupported() ?? (missing.length > 0 ? `they need ${missing.map(({ name }) => name).join(', ')}` : undefined)
}

/** @returns {import('../lib/test-counts.mjs').Counts} */
function skip(why) {
  console.warn(`! Skipped: the tests on a real V4L2 device: ${why}.`)
  return { passed: 0, failed: 0, skipped: 1 }
}

/** A run that was killed could not clear up. */
function sweepRuns() {
  for (const name of readdirSync(cache)) {
    const [, pid] = /^run-(\d+)-/.exec(name) ?? []
    if (pid !== undefined && !isAlive(Number(pid))) rmSync(join(cache, name), { recursive: true, force: true })
  }
}

async function boot(kernel, only) {
  sweepRuns()
  const folder = mkdtempSync(join(cache, `run-${process.pid}-`))
  try {
    writeFileSync(join(folder, 'guest.sh'), guestScript(folder, only))
    const seconds = deadlineMs / 1000
    const initialFiles = await packInitialFiles({ folder, modules: kernel.modules, seconds })
    const onLine = (line) => console.log(`  ${line}`)
    const { problem, guestCode } = await runMachine({ kernel: kernel.image, initialFiles, folder, log, deadlineMs, onLine })
    return { problem, ...readResults(join(folder, 'results.jsonl'), guestCode) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The end of everything that the machine has printed, the kernel's words included. */
const lastWords = () => readFileSync(log, 'utf8').trimEnd().split('\n').slice(-30).join('\n').replace(/^/gm, '    ')

/**
 * Runs the tests of `test/v4l2` in a small machine with a camera. They are built already.
 * @param {string} only a part of the titles of those to run; all with `''`.
 * @returns {Promise<import('../lib/test-counts.mjs').Counts>}
 */
export async function runV4l2Tests(only) {
  const why = await prepare()
  if (why !== undefined) return skip(why)
  mkdirSync(cache, { recursive: true })
  let kernel
  try {
    kernel = await exclusively(getKernel)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return skip(error.message)
  }
  const since = performance.now()
  announce('Running the tests on a real V4L2 device, in a small emulated machine: booting it takes some seconds')
  const { problem, counts, finished: complete, failed } = await boot(kernel, only)
  if (complete) finished('tests on a real V4L2 device', since)
  else
    console.log(
      `✗ The machine with the camera: ${problem ?? 'no test tells what failed'}. Its last words (all in ${relative(root, log)}):\n${lastWords()}`,
    )
  for (const title of failed) console.log(`✗ Failed on the V4L2 device: ${title}`)
  return counts
}
