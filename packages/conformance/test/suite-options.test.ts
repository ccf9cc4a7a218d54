import { describe, expect, it } from 'vitest'
import {
  type FrameSourceConformanceOptions,
  frameSinkConformance,
  frameSourceConformance,
  jobSourceConformance,
} from '../src/index.js'
import { jobsHarness } from './reference/reference-jobs.js'
import { sinkHarness } from './reference/reference-sink.js'
import { referenceSource } from './reference/reference-source.js'
import { createCollectingRunner } from './runner/collecting-runner.js'

const source = (options: object) => () => {
  const { describe, it } = createCollectingRunner()
  frameSourceConformance({ describe, it, create: () => referenceSource(), ...options } as FrameSourceConformanceOptions)
}

describe('the options of the suites', () => {
  it('are refused when a function of the runner is missing', () => {
    expect(source({ describe: undefined })).toThrow(TypeError)
    expect(source({ it: 'it' })).toThrow('Expected `it` to be a function')
    expect(source({ create: null })).toThrow('Expected `create` to be a function')
  })

  it('are refused when one is unknown, so that a misspelt capability does not switch its rules off in silence', () => {
    expect(source({ timeout: 100 })).toThrow('Unknown option `timeout`')
    expect(source({ capabilities: { vidoe: true } })).toThrow('Unknown option `vidoe`')
    const { describe, it } = createCollectingRunner()
    const jobs = { describe, it, create: jobsHarness, makeJob: () => ({}), capabilities: { lease: true } }
    expect(() => jobSourceConformance(jobs as never)).toThrow('Unknown option `lease`')
    const sink = { describe, it, create: () => sinkHarness(), capabilities: { key: true } }
    expect(() => frameSinkConformance(sink as never)).toThrow('Unknown option `key`')
  })

  it('are refused when out of range', () => {
    expect(source({ frames: 1 })).toThrow(RangeError)
    expect(source({ timeoutMs: 0 })).toThrow(RangeError)
    expect(source({ endWithinMs: Number.NaN })).toThrow(RangeError)
    expect(source({ maxAgeMs: '1' })).toThrow(TypeError)
  })

  it('choose the groups of rules', () => {
    const titlesOf = (options: Partial<FrameSourceConformanceOptions>) => {
      const runner = createCollectingRunner()
      frameSourceConformance({ describe: runner.describe, it: runner.it, create: () => referenceSource(), ...options })
      return runner.titles
    }
    const plain = titlesOf({})
    expect(titlesOf({ capabilities: { video: true } }).length).toBe(plain.length + 4)
    expect(titlesOf({ capabilities: { video: true, decoder: false } }).length).toBe(plain.length + 3)
    expect(titlesOf({ capabilities: { restartable: false } }).length).toBe(plain.length - 2)
    expect(titlesOf({ capabilities: { usesPipelineClock: false, resources: false } }).length).toBe(plain.length - 3)
    expect(titlesOf({ inUse: () => false }).length).toBe(plain.length + 1)
    expect(new Set(plain).size).toBe(plain.length)
  })
})

describe('a hanging harness', () => {
  it('fails the test with the name of the step instead of hanging the runner', async () => {
    const runner = createCollectingRunner()
    const create = () => new Promise<never>(() => {})
    frameSinkConformance({ describe: runner.describe, it: runner.it, create, timeoutMs: 20 })
    const results = await runner.run()
    for (const { error } of results)
      expect(String(error)).toContain('create() should open a store: this did not happen within 20 ms')
    expect(results.length).toBe(runner.titles.length)
  })

  it('fails a test whose teardown hangs, and one whose teardown throws', async () => {
    for (const teardown of [() => new Promise<void>(() => {}), () => Promise.reject(new Error('the server is gone'))]) {
      const runner = createCollectingRunner()
      const create = () => ({ ...sinkHarness(), teardown })
      const it = (title: string, body: () => Promise<void>) => void (title.includes('one byte') && runner.it(title, body))
      frameSinkConformance({ describe: runner.describe, it, create, timeoutMs: 5000 })
      const [first] = await runner.run()
      expect(String(first?.error)).toMatch(/teardown\(\) of the harness|the server is gone/)
    }
  })
})
