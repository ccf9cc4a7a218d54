import { frameSinkConformance, frameSourceConformance, jobSourceConformance } from '../../src/index.js'
import { jobsHarness } from '../reference/reference-jobs.js'
import { sinkHarness } from '../reference/reference-sink.js'
import { referenceSource } from '../reference/reference-source.js'
import { createCollectingRunner } from './collecting-runner.js'

const failures = [{ name: '…', create: () => ({}) as never }]

/** The titles of every rule there is, whatever the capabilities, by suite. */
export function allRules(): Readonly<Record<'frameSource' | 'jobSource' | 'frameSink', readonly string[]>> {
  const sources = createCollectingRunner()
  const register = (capabilities: object) => {
    const { describe, it } = sources
    frameSourceConformance({ describe, it, create: () => referenceSource(), inUse: () => false, failures, capabilities })
  }
  register({})
  register({ video: true, usesAllocate: true, finite: true })
  const jobs = createCollectingRunner()
  const every = { extend: true, watch: true, durable: true }
  jobSourceConformance({
    describe: jobs.describe,
    it: jobs.it,
    create: () => jobsHarness(),
    makeJob: String,
    failures,
    capabilities: every,
  })
  const sinks = createCollectingRunner()
  frameSinkConformance({ describe: sinks.describe, it: sinks.it, create: () => sinkHarness(), failures })
  return { frameSource: [...new Set(sources.titles)], jobSource: jobs.titles, frameSink: sinks.titles }
}
