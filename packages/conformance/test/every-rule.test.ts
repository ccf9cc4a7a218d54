import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { sinksWithBrokenManners, sinksWithBrokenStores } from './broken-adapters/broken-sinks.js'
import { jobsWithBrokenClaims } from './broken-adapters/jobs-with-broken-claims.js'
import { jobsWithBrokenLeases } from './broken-adapters/jobs-with-broken-leases.js'
import { jobsWithBrokenSettling } from './broken-adapters/jobs-with-broken-settling.js'
import { sourcesWithBrokenFrames } from './broken-adapters/sources-with-broken-frames.js'
import { sourcesWithBrokenRuns } from './broken-adapters/sources-with-broken-runs.js'
import { sourcesWithBrokenTimes } from './broken-adapters/sources-with-broken-times.js'
import { allRules } from './runner/all-rules.js'

/** Broken in a test of their own. */
const brokenElsewhere = ['the next run › leaves no timer, socket or process alive when a run has ended']

type Broken = Readonly<Record<string, { readonly fails: readonly string[] }>>

const brokenBy = (...adapters: readonly Broken[]) =>
  new Set(
    adapters.flatMap((group) =>
      Object.values(group).flatMap(({ fails }) => fails.map((title) => title.replace(/^(failures .* on ).*/, '$1…'))),
    ),
  )

describe('every rule', () => {
  it.each([
    ['frameSource', brokenBy(sourcesWithBrokenFrames, sourcesWithBrokenRuns, sourcesWithBrokenTimes)],
    ['jobSource', brokenBy(jobsWithBrokenClaims, jobsWithBrokenLeases, jobsWithBrokenSettling)],
    ['frameSink', brokenBy(sinksWithBrokenManners, sinksWithBrokenStores)],
  ] as const)('of %s can fail: some broken adapter breaks it', (suite, broken) => {
    const unbroken = allRules()[suite].filter((title) => !broken.has(title) && !brokenElsewhere.includes(title))
    expect(unbroken).toEqual([])
  })

  it('is in the README, and the README has no other', async () => {
    const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
    const { frameSource, jobSource, frameSink } = allRules()
    const listed = [...readme.matchAll(/^- (.+ › .+)$/gm)].map(([, title]) => title)
    expect(listed.sort()).toEqual([...frameSource, ...jobSource, ...frameSink].sort())
  })
})
