import { SnapmintError } from '@snapmint/core/adapter'
import { describe, it } from 'vitest'
import { frameSinkConformance, frameSourceConformance, jobSourceConformance } from '../src/index.js'
import { jobsHarness, referenceJobs } from './reference/reference-jobs.js'
import { referenceSink, sinkHarness } from './reference/reference-sink.js'
import { createTestCamera, failingSource, referenceSource, referenceVideoSource } from './reference/reference-source.js'

const timeoutMs = 20_000
const endWithinMs = 10_000
const camera = createTestCamera()
const unavailable = new SnapmintError(
  'SNAPMINT_SOURCE_UNAVAILABLE',
  'There is no camera 7; list cameras to see which there are',
  {
    retryable: true,
  },
)

frameSourceConformance({
  describe,
  it,
  timeoutMs,
  endWithinMs,
  name: 'the reference source of stills',
  create: () => referenceSource({ camera }),
  inUse: () => camera.isOpen,
  failures: [
    {
      name: 'a missing camera',
      retryable: true,
      code: 'SNAPMINT_SOURCE_UNAVAILABLE',
      create: () => failingSource(unavailable),
    },
  ],
})

frameSourceConformance({
  describe,
  it,
  timeoutMs,
  endWithinMs,
  name: 'the reference source that writes into the history',
  create: () => referenceSource({ allocate: true }),
  capabilities: { usesAllocate: true },
})

frameSourceConformance({
  describe,
  it,
  timeoutMs,
  endWithinMs,
  name: 'the reference source of a finite material',
  create: () => referenceSource({ length: 6 }),
  capabilities: { finite: true },
})

frameSourceConformance({
  describe,
  it,
  timeoutMs,
  endWithinMs,
  name: 'the reference source of video',
  create: referenceVideoSource,
  capabilities: { video: true },
})

jobSourceConformance({
  describe,
  it,
  timeoutMs,
  name: 'the reference job source',
  create: () => jobsHarness(),
  makeJob: (number) => ({ targetTime: 1_763_690_400_000 + number }),
  capabilities: { extend: true, watch: true, durable: true },
  failures: [
    {
      name: 'an unreachable service',
      retryable: true,
      create: () => ({
        ...referenceJobs({ jobs: new Map(), listeners: new Set(), now: 0, tokens: 0 }),
        async claim() {
          throw new SnapmintError('SNAPMINT_JOBS_UNAVAILABLE', 'The service does not answer', {
            retryable: true,
            retryAfterMs: 500,
          })
        },
      }),
    },
  ],
})

frameSinkConformance({
  describe,
  it,
  timeoutMs,
  name: 'the reference sink',
  create: () => sinkHarness(),
  failures: [
    {
      name: 'a full store',
      retryable: false,
      create: () => ({
        ...referenceSink(new Map()),
        async put() {
          throw new SnapmintError('SNAPMINT_SINK_FULL', 'The store is full: 0 bytes are left; make room')
        },
      }),
    },
  ],
})
