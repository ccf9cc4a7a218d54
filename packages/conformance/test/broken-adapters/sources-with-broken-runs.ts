import { setTimeout as sleep } from 'node:timers/promises'
import type { CaptureContext, Frame, FrameSource } from '@snapmint/core/adapter'
import { tinyJpeg } from '../reference/pictures.js'
import { changedSource, createTestCamera, failingSource, referenceSource } from '../reference/reference-source.js'
import { type BrokenSource, hanging, rulesOfOtherRuns, rulesOfTheSample } from './broken-source.js'

const before = 'before a run › opens nothing before the first next()'
const endsPending = 'the end of a run › ends when the signal aborts while next() is pending'
const endsWaiting = 'the end of a run › ends promptly when aborted while a frame is being waited for'
const endsBetween = 'the end of a run › ends when the signal has aborted between two frames'
const yieldsNothing = 'the end of a run › yields nothing under a signal that has aborted already'
const reportsAbort = 'the end of a run › reports an abort by ending or by its reason, never as a failure'
const returns = 'the end of a run › ends when return() is called, and stays ended'
const releases = 'the end of a run › opens the device for a run and releases it at its end, however it ends'
const runsAgain = 'the next run › runs again after a run has ended'
const laterRun = 'the next run › stamps the frames of a later run after those of an earlier one'
const missing = { name: 'a missing camera' }

function makeFrame({ now }: CaptureContext): Frame {
  return { mimeType: 'image/jpeg', captureTime: now(), data: tinyJpeg(String(Math.random())) }
}

/** The reference source with an iterator written by hand. */
function iteratorSource(make: (context: CaptureContext) => AsyncIterator<Frame>): FrameSource {
  return { ...referenceSource(), frames: (context) => ({ [Symbol.asyncIterator]: () => make(context) }) }
}

/** Ends on abort, as it should, whatever `change` does to its return(). */
function changedReturn(
  change: (inner: AsyncIterator<Frame>, context: CaptureContext) => Partial<AsyncIterator<Frame>>,
): FrameSource {
  return iteratorSource((context) => {
    const inner = referenceSource().frames(context)[Symbol.asyncIterator]()
    return { next: () => inner.next(), ...change(inner, context) }
  })
}

async function* ignoresAbort(context: CaptureContext): AsyncGenerator<Frame> {
  for (;;) {
    yield makeFrame(context)
    await sleep(2)
  }
}

/** Never leaves the event loop a turn. */
async function* floods(context: CaptureContext): AsyncGenerator<Frame> {
  for (let number = 0; ; number += 1) yield { ...makeFrame(context), captureTime: context.now() - 1000 + number * 0.002 }
}

async function* throwsOwnError(context: CaptureContext): AsyncGenerator<Frame> {
  if (context.signal.aborted) return
  for (;;) {
    yield makeFrame(context)
    await sleep(2)
    if (context.signal.aborted) throw new Error('connection closed unexpectedly')
  }
}

/** Sleeps for long, deaf meanwhile, before it looks at the signal. */
async function* sleepsThroughAbort(context: CaptureContext): AsyncGenerator<Frame> {
  while (!context.signal.aborted) {
    yield makeFrame(context)
    await sleep(1000)
  }
}

/** Ends soon, as long as frames come. */
async function* waitsForAFrame(context: CaptureContext): AsyncGenerator<Frame> {
  while (!context.signal.aborted) {
    await sleep(5)
    yield makeFrame(context)
  }
}

function runsOnce(): FrameSource {
  let used = false
  return {
    ...referenceSource(),
    async *frames(context) {
      if (used) return
      used = true
      yield* referenceSource().frames(context)
    },
  }
}

const openedInFactory = createTestCamera()
const neverClosed = createTestCamera()
const closedOnReturnOnly = createTestCamera()

export const sourcesWithBrokenRuns: Readonly<Record<string, BrokenSource>> = {
  'ignores the abort': {
    create: () => ({ ...referenceSource(), frames: ignoresAbort }),
    options: hanging,
    fails: [endsPending, endsWaiting, endsBetween, yieldsNothing],
  },
  'floods its reader and ignores the abort': {
    create: () => ({ ...referenceSource(), frames: floods }),
    options: hanging,
    fails: [endsPending, endsBetween, yieldsNothing],
  },
  'notices the abort only after a long sleep': {
    create: () => ({ ...referenceSource(), frames: sleepsThroughAbort }),
    options: { ...hanging, frames: 2, timeoutMs: 3000 },
    fails: [endsPending, endsWaiting, endsBetween],
  },
  'looks at the signal only when it has a frame': {
    create: () => ({ ...referenceSource(), frames: waitsForAFrame }),
    fails: [endsWaiting],
  },
  'reports the abort as an error of its own': {
    create: () => ({ ...referenceSource(), frames: throwsOwnError }),
    fails: [reportsAbort],
  },
  'yields a frame under a signal that has aborted': {
    create: () => ({
      ...referenceSource(),
      async *frames(context) {
        if (context.signal.aborted) yield makeFrame(context)
        else yield* referenceSource().frames(context)
      },
    }),
    fails: [yieldsNothing],
  },
  'never resolves return()': {
    create: () => changedReturn(() => ({ return: () => new Promise(() => {}) })),
    options: hanging,
    fails: [returns],
  },
  'yields on after return()': {
    create: () => changedReturn(() => ({ return: async () => ({ done: true, value: undefined }) })),
    fails: [returns],
  },
  'has an iterator without return()': { create: () => changedReturn(() => ({})), fails: [returns] },
  'never yields': {
    create: () =>
      iteratorSource(() => ({ next: () => new Promise(() => {}), return: async () => ({ done: true, value: undefined }) })),
    options: { timeoutMs: 200, endWithinMs: 100 },
    fails: [...rulesOfTheSample, ...rulesOfOtherRuns, yieldsNothing],
  },
  'ends after two frames': {
    create: () => ({ ...referenceSource({ length: 2 }), finite: undefined }),
    fails: rulesOfTheSample,
  },
  'starts in frames()': {
    create: () => {
      const source = referenceSource()
      return {
        ...source,
        frames(context) {
          context.now()
          return source.frames(context)
        },
      }
    },
    fails: [before],
  },
  'opens the device when it is made': {
    create: () => {
      openedInFactory.open()
      return referenceSource({ camera: openedInFactory })
    },
    options: { inUse: () => openedInFactory.isOpen, endWithinMs: 300 },
    fails: [before, yieldsNothing, releases],
  },
  'never closes the device': {
    create: () => referenceSource({ camera: { ...neverClosed, isOpen: false, open: neverClosed.open, close: () => {} } }),
    options: { inUse: () => neverClosed.isOpen, endWithinMs: 300 },
    fails: [yieldsNothing, releases],
  },
  'closes the device on return() only': {
    create: () => ({
      ...referenceSource(),
      frames(context) {
        const inner = referenceSource().frames(context)[Symbol.asyncIterator]()
        let isOpen = false
        const next = () => {
          if (!isOpen && !context.signal.aborted) {
            isOpen = true
            closedOnReturnOnly.open()
          }
          return inner.next()
        }
        const end = async () => {
          if (isOpen) closedOnReturnOnly.close()
          isOpen = false
          return (await inner.return?.()) ?? { done: true as const, value: undefined }
        }
        return { [Symbol.asyncIterator]: () => ({ next, return: end }) }
      },
    }),
    options: { inUse: () => closedOnReturnOnly.isOpen, endWithinMs: 300 },
    fails: [releases],
  },
  'runs only once': { create: runsOnce, fails: [runsAgain, laterRun] },
  'does not say that it is finite': {
    create: () => ({ ...referenceSource({ length: 5 }), finite: undefined }),
    options: { capabilities: { finite: true } },
    fails: ['the end of a run › says that it is finite, and ends by itself'],
  },
  'says that it is finite and never ends': {
    create: () => ({ ...referenceSource(), finite: true }),
    options: { capabilities: { finite: true }, timeoutMs: 500 },
    fails: ['the end of a run › says that it is finite, and ends by itself'],
  },
  'says that it is finite without declaring it': {
    create: () => ({ ...referenceSource(), finite: true }),
    fails: ['the end of a run › does not say that it is finite'],
  },
  'has no specVersion': {
    create: () => ({ ...referenceSource(), specVersion: undefined as unknown as 1 }),
    fails: ['before a run › declares specVersion 1 and the short name of its adapter'],
  },
  'ends in silence when its device is missing': {
    create: () => referenceSource(),
    options: { failures: [{ ...missing, create: () => referenceSource({ length: 0 }) }] },
    fails: ['failures › throws a SnapmintError on a missing camera'],
  },
  'throws a string when its device is missing': {
    create: () => referenceSource(),
    options: { failures: [{ ...missing, create: () => failingSource('ENODEV') }] },
    fails: ['failures › throws a SnapmintError on a missing camera'],
  },
  'names a host module that is not there': {
    create: () => ({
      ...changedSource((frame) => frame),
      host: { kind: 'thread', module: new URL('file:///nowhere/host.js'), options: {} },
    }),
    fails: ['the host module › names, if any, a host module whose factory makes the same source of cloned options'],
  },
  'gives its host options that cannot be cloned': {
    create: () => ({
      ...referenceSource(),
      host: { kind: 'process', module: new URL('data:text/javascript,export default 1'), options: { fetch } },
    }),
    fails: ['the host module › names, if any, a host module whose factory makes the same source of cloned options'],
  },
  'has a host module without a factory': {
    create: () => ({
      ...referenceSource(),
      host: { kind: 'thread', module: new URL('data:text/javascript,export const source = 1'), options: {} },
    }),
    fails: ['the host module › names, if any, a host module whose factory makes the same source of cloned options'],
  },
}
