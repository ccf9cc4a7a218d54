import './lib/node-version.mjs'
import { join } from 'node:path'
import { runScript } from './lib/failure.mjs'
import { announce, finished, seconds } from './lib/progress.mjs'
import { root } from './lib/root.mjs'
import { runNode } from './lib/run.mjs'
import { setUpTests } from './lib/set-up-tests.mjs'
import { addCounts, summaryLine } from './lib/test-counts.mjs'
import { testNeeds } from './lib/test-needs.mjs'
import { runVitest } from './lib/vitest.mjs'
import { runV4l2Tests } from './v4l2/run-v4l2-tests.mjs'

const inCi = process.env.CI === 'true'
const tool = (path) => join(root, 'node_modules', path)

/** Checks of the code as it stands, cheapest first. Each counts as one test. */
const checks = [
  { name: 'style (biome)', file: tool('@biomejs/biome/bin/biome'), args: ['check', '.'] },
  { name: 'types (tsc)', file: tool('typescript/bin/tsc'), args: ['-p', 'tsconfig.json'] },
  { name: 'unused code and dependencies (knip)', file: tool('knip/bin/knip.js'), args: [] },
  { name: 'packages as published (publint, attw, manifests)', file: join(root, 'scripts/check-packages.mjs'), args: [] },
]

/** @returns {Promise<boolean>} whether it passed; its output is shown only if it did not. */
async function passes({ name, file, args }) {
  const since = performance.now()
  const { code, output } = await runNode(file, args)
  if (code === 0) finished(name, since)
  else console.log(`✗ ${name} (${seconds(since)})\n${output.trim()}\n`)
  return code === 0
}

/** Everything: the tests of services, which mostly wait, while OpenCV is still being built; then the examples and, alone, those that capture; at last those on devices. */
async function runAll(opencv) {
  let interrupted = false
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => (interrupted = true))
  announce('Running the tests of services')
  let counts = await runVitest(['--project', 'services'])
  await opencv
  if (interrupted) return counts
  announce('Running the examples, the tests of capturing, and all others')
  counts = addCounts(counts, await runVitest(['--project', 'examples', '--project', 'capture']))
  return interrupted ? counts : addCounts(counts, await runV4l2Tests(''))
}

async function runNamed(opencv, vitestArgs) {
  await opencv
  announce(`Running the tests: vitest ${vitestArgs.join(' ')}`)
  return runVitest(vitestArgs)
}

// `npm test`: sets up, checks, tests. `npm test -- <arguments>`: sets up what the named tests need, then Vitest alone with these arguments.
await runScript(async () => {
  const vitestArgs = process.argv.slice(2)
  const isAll = vitestArgs.length === 0
  const since = performance.now()
  const { opencv } = await setUpTests(testNeeds(vitestArgs))
  const failedChecks = []
  const wantedChecks = isAll ? checks : []
  for (const check of wantedChecks) if (!(await passes(check))) failedChecks.push(check.name)

  const counts = await (isAll ? runAll(opencv) : runNamed(opencv, vitestArgs))
  counts.passed += wantedChecks.length - failedChecks.length
  counts.failed += failedChecks.length

  console.log(`Finished in ${seconds(since)}.`)
  for (const name of failedChecks) console.log(`✗ Failed above: ${name}`)
  const skippedInCi = inCi && counts.skipped > 0
  if (skippedInCi) console.log('✗ Skipped tests count as failures when CI=true: install what they need (`npm run setup`).')
  console.log(summaryLine(counts))
  return counts.failed > 0 || skippedInCi ? 1 : 0
})
