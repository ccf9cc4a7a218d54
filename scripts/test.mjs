import './lib/node-version.mjs'
import { join } from 'node:path'
import { setUpCeph } from './lib/ceph.mjs'
import { exclusively } from './lib/exclusive.mjs'
import { runScript } from './lib/failure.mjs'
import { setUpFirebaseTools } from './lib/firebase-tools.mjs'
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

// `npm test`: sets up, checks, tests. `npm test -- <arguments>`: sets up what the named tests need, then Vitest alone with these arguments.
await runScript(async () => {
  const vitestArgs = process.argv.slice(2)
  const since = performance.now()
  const needs = testNeeds(vitestArgs)
  await setUpTests(needs)
  if (needs.ceph) await exclusively(setUpCeph)
  if (needs.firebase) await exclusively(setUpFirebaseTools)
  const failedChecks = []
  const wantedChecks = vitestArgs.length === 0 ? checks : []
  for (const check of wantedChecks) if (!(await passes(check))) failedChecks.push(check.name)

  announce(`Running the tests${vitestArgs.length === 0 ? '' : `: vitest ${vitestArgs.join(' ')}`}`)
  let interrupted = false
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => (interrupted = true))
  let counts = await runVitest(vitestArgs)
  if (vitestArgs.length === 0 && !interrupted) counts = addCounts(counts, await runV4l2Tests(''))
  counts.passed += wantedChecks.length - failedChecks.length
  counts.failed += failedChecks.length

  console.log(`Finished in ${seconds(since)}.`)
  for (const name of failedChecks) console.log(`✗ Failed above: ${name}`)
  const skippedInCi = inCi && counts.skipped > 0
  if (skippedInCi) console.log('✗ Skipped tests count as failures when CI=true: install what they need (`npm run setup`).')
  console.log(summaryLine(counts))
  return counts.failed > 0 || skippedInCi ? 1 : 0
})
