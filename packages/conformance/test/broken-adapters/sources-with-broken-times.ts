import { changedSource, referenceSource } from '../reference/reference-source.js'
import type { BrokenSource } from './broken-source.js'

const inEpochMs = 'time › stamps frames in milliseconds since the Unix epoch, near the moment they are read'
const notInFuture = 'time › stamps no frame with a time that is still to come'
const increasing = 'time › stamps frames strictly increasing, by at least a microsecond'
const pipelineClock = "time › takes the time from the pipeline's clock, not from one of its own"
const laterRun = 'the next run › stamps the frames of a later run after those of an earlier one'

/** One fixed time for each run. */
function frozenClock(): BrokenSource['create'] {
  return () => {
    let first: number | undefined
    return changedSource((frame, _context, number) => {
      if (number === 1) first = frame.captureTime
      return { ...frame, captureTime: first ?? Number.NaN }
    })
  }
}

export const sourcesWithBrokenTimes: Readonly<Record<string, BrokenSource>> = {
  'stamps every frame with the time of the first': { create: frozenClock(), fails: [increasing] },
  'stamps frames backwards': {
    create: () => changedSource((frame, _context, number) => ({ ...frame, captureTime: frame.captureTime - number * 100 })),
    fails: [increasing],
  },
  'stamps frames half a microsecond apart': {
    create: () => {
      let first = 0
      return changedSource((frame, _context, number) => {
        if (number === 1) first = frame.captureTime
        return { ...frame, captureTime: first + number * 0.0005 }
      })
    },
    fails: [increasing],
  },
  'stamps frames with Date.now()': {
    create: () => changedSource((frame) => ({ ...frame, captureTime: Date.now() }), referenceSource({ intervalMs: 5 })),
    fails: [pipelineClock],
  },
  'stamps frames in seconds': {
    create: () => changedSource((frame) => ({ ...frame, captureTime: frame.captureTime / 1000 })),
    fails: [inEpochMs, pipelineClock],
  },
  'stamps frames in microseconds': {
    create: () => changedSource((frame) => ({ ...frame, captureTime: frame.captureTime * 1000 })),
    fails: [inEpochMs, notInFuture, pipelineClock],
  },
  'stamps frames with a monotonic clock': {
    create: () => changedSource((frame) => ({ ...frame, captureTime: performance.now() })),
    fails: [inEpochMs, pipelineClock],
  },
  'stamps frames ten seconds ahead': {
    create: () => changedSource((frame) => ({ ...frame, captureTime: frame.captureTime + 10_000 })),
    fails: [notInFuture],
  },
  'stamps frames with NaN': {
    create: () => changedSource((frame) => ({ ...frame, captureTime: Number.NaN })),
    fails: [inEpochMs, pipelineClock],
  },
  'stamps frames with a string': {
    create: () => changedSource((frame) => ({ ...frame, captureTime: String(frame.captureTime) as unknown as number })),
    fails: [inEpochMs],
  },
  'begins each run with the time at which it was made': {
    create: () => {
      const madeAt = Date.now() - 1000
      return changedSource((frame, _context, number) => ({ ...frame, captureTime: madeAt + number * 5 }))
    },
    fails: [pipelineClock, laterRun],
  },
}
