import { setImmediate as turn } from 'node:timers/promises'
import { type FrameSink, type PutContext, SnapmintError, type Snapshot } from '@snapmint/core/adapter'
import type { FrameSinkConformanceOptions } from '../../src/index.js'
import { referenceSink } from '../reference/reference-sink.js'

/** A sink that breaks the contract in one way, and the rules that must notice. */
export interface BrokenSink {
  readonly make: (objects: Map<string, Uint8Array>) => FrameSink
  readonly options?: Partial<Pick<FrameSinkConformanceOptions, 'failures' | 'timeoutMs' | 'capabilities'>>
  readonly fails: readonly string[]
}

type Put = (media: Snapshot, context: PutContext) => Promise<{ readonly uri: string }>

const identity = 'identity › declares specVersion 1, the short name of its adapter and how many puts it takes at a time'
const uri = 'put › answers a uri that is not empty'
const stored = 'put › has stored every byte when put() resolves'
const oneByte = 'put › stores a picture of one byte'
const large = 'put › stores a picture of many megabytes'
const view = 'put › stores the bytes of the view, not those of the buffer behind it'
const manyJobs = 'put › stores a picture that answers ten thousand jobs'
const untouched = 'ownership › leaves the media as it is'
const copied = 'ownership › keeps what was put, whatever becomes of the buffer afterwards'
const repeated = 'repetition › answers a repeated put with the same uri and the same bytes behind it'
const together = 'repetition › takes several puts of the same picture at the same time'
const many = 'repetition › takes puts of many pictures at the same time'
const anyScript = 'keys › stores under keys of any script, with fractions of a millisecond, and long ones'
const alike = 'keys › keeps keys apart that look alike'
const microseconds = 'keys › keeps pictures apart that were taken a microsecond apart'
const twoObjects = 'keys › stores the same bytes under two keys as two objects'
const abortedBefore = 'abort › rejects, and stores nothing, under a signal that has aborted already'
const abortReason = "abort › rejects an aborted put with the signal's reason"
const noPart = 'abort › leaves no part of a picture behind when a put is aborted under way'
const kind = 'refusal › rejects kinds of media that it does not know, for good'
const closes = 'close › closes, and closes again without an error'
const fullStore = 'failures › rejects a put with a SnapmintError on a full store'

/** Every rule that reads back what it has put. */
const readingRules = [
  stored,
  oneByte,
  large,
  view,
  manyJobs,
  copied,
  repeated,
  together,
  many,
  anyScript,
  alike,
  microseconds,
  twoObjects,
]

/** The reference sink with another `put`; `correct` is the reference's own. */
function changedPut(change: (correct: Put, objects: Map<string, Uint8Array>) => Put): BrokenSink['make'] {
  return (objects) => {
    const sink = referenceSink(objects)
    return { ...sink, put: change(sink.put, objects) }
  }
}

const changedKey = (change: (key: string) => string) =>
  changedPut((correct) => (media, context) => correct(media, { ...context, key: change(context.key) }))

/** Does what `refuse` does instead of putting, when `applies`. */
const refusing = (applies: (media: Snapshot, context: PutContext) => boolean, refuse: (context: PutContext) => unknown) =>
  changedPut((correct) => async (media, context) => {
    if (applies(media, context)) throw refuse(context)
    return correct(media, context)
  })

const onFullStore = (thrown: unknown) => ({
  failures: [
    {
      name: 'a full store',
      retryable: false,
      create: () => ({ ...referenceSink(new Map()), put: () => Promise.reject(thrown) }),
    },
  ],
})

export const sinksWithBrokenStores: Readonly<Record<string, BrokenSink>> = {
  'loses the last byte': {
    make: changedPut((correct) => (media, context) => correct({ ...media, data: media.data.slice(0, -1) }, context)),
    fails: [...readingRules, noPart],
  },
  'stores at most a megabyte': {
    make: changedPut((correct) => (media, context) => correct({ ...media, data: media.data.slice(0, 2 ** 20) }, context)),
    fails: [large, noPart],
  },
  'takes a picture of one byte for a mistake': {
    make: refusing(
      (media) => media.data.byteLength < 2,
      () => new TypeError('empty body'),
    ),
    fails: [oneByte],
  },
  'stores the whole buffer behind the view': {
    make: changedPut((correct) => (media, context) => correct({ ...media, data: new Uint8Array(media.data.buffer) }, context)),
    fails: [view],
  },
  'keeps a view instead of the bytes': {
    make: changedPut((correct, objects) => async (media, context) => {
      const result = await correct(media, context)
      objects.set(result.uri, media.data)
      return result
    }),
    fails: [copied],
  },
  'clears the buffer when it has stored it': {
    make: changedPut((correct) => async (media, context) => {
      const result = await correct(media, context)
      queueMicrotask(() => media.data.fill(0))
      media.data.fill(0)
      return result
    }),
    fails: [untouched, ...readingRules.filter((rule) => rule !== copied && rule !== repeated), noPart],
  },
  'writes its name into the media': {
    make: changedPut((correct) => (media, context) => correct(Object.assign(media, { storedBy: 'me' }), context)),
    fails: [untouched],
  },
  'answers an empty uri': {
    make: changedPut((correct) => async (media, context) => ({ ...(await correct(media, context)), uri: '' })),
    fails: [uri, ...readingRules, noPart],
  },
  'answers a uri at which nothing lies': {
    make: changedPut((correct) => async (media, context) => ({ uri: `${(await correct(media, context)).uri}?width=640` })),
    fails: [...readingRules, noPart],
  },
  'resolves before it has stored': {
    make: changedPut((correct) => async (media, context) => {
      context.signal.throwIfAborted()
      if (media.kind !== 'snapshot') throw new TypeError('Cannot store that')
      setTimeout(() => void correct(media, context).catch(() => {}), 20)
      return { uri: `memory:${encodeURIComponent(context.key)}` }
    }),
    fails: [...readingRules, noPart],
  },
  'puts all job ids into a header of eight kilobytes': {
    make: refusing(
      ({ kind: _kind }, { jobIds }) => jobIds.join().length > 8192,
      () => new RangeError('header too large'),
    ),
    fails: [manyJobs],
  },
  'names each put by a counter': {
    make: (objects) => {
      let count = 0
      const nextKey = (key: string) => {
        count += 1
        return `${key}-${count}`
      }
      const sink = referenceSink(objects)
      return { ...sink, put: (media, context) => sink.put(media, { ...context, key: nextKey(context.key) }) }
    },
    fails: [repeated, together],
  },
  'refuses what it has already': {
    make: changedPut((correct, objects) => async (media, context) => {
      if (objects.has(`memory:${encodeURIComponent(context.key)}`))
        throw new SnapmintError('SNAPMINT_SINK_CONFLICT', `${context.key} exists`)
      return correct(media, context)
    }),
    fails: [repeated],
  },
  'mixes up puts at the same time': {
    make: (objects) => {
      const sink = referenceSink(objects)
      let current: Snapshot
      return {
        ...sink,
        async put(media, context) {
          current = media
          context.signal.throwIfAborted()
          await turn()
          return sink.put(current, context)
        },
      }
    },
    fails: [many],
  },
}

export const sinksWithBrokenManners: Readonly<Record<string, BrokenSink>> = {
  'drops what is not ASCII from its keys': { make: changedKey((key) => key.replace(/[^ -~]/g, '')), fails: [anyScript] },
  'cuts its keys at 100 characters': { make: changedKey((key) => key.slice(0, 100)), fails: [anyScript] },
  'drops percent signs from its keys': { make: changedKey((key) => key.replaceAll('%', '')), fails: [alike] },
  'tidies up its keys': { make: changedKey((key) => key.replace(/%[0-9A-F]{2}|[_-]/g, '-')), fails: [alike] },
  'counts time in whole milliseconds': { make: changedKey((key) => key.replace(/(\/\d+)\.\d+\./, '$1.')), fails: [microseconds] },
  'counts time in whole seconds': {
    make: changedKey((key) => key.replace(/\/(\d+)\d{3}(\.\d+)?\./, '/$1.')),
    fails: [many, microseconds, twoObjects],
  },
  'names objects by their content without declaring it': {
    make: changedPut((correct) => (media, context) => correct(media, { ...context, key: media.sha256 })),
    fails: [twoObjects],
  },
  'ignores the abort': {
    make: changedPut((correct) => (media, context) => correct(media, { ...context, signal: new AbortController().signal })),
    fails: [abortedBefore],
  },
  'reports an abort as an error of its own': {
    make: changedPut((correct) => async (media, context) => {
      try {
        return await correct(media, context)
      } catch (error) {
        if (context.signal.aborted)
          throw new SnapmintError('SNAPMINT_SINK_FAILED', 'The upload broke off', { retryable: true, cause: error })
        throw error
      }
    }),
    fails: [abortReason],
  },
  'leaves a part behind when it is aborted': {
    make: changedPut((correct, objects) => async (media, context) => {
      context.signal.throwIfAborted()
      objects.set(`memory:${encodeURIComponent(context.key)}.part`, media.data.slice(0, 1000))
      const result = await correct(media, context)
      objects.delete(`${result.uri}.part`)
      return result
    }),
    fails: [noPart],
  },
  'never settles an aborted put': {
    make: changedPut((correct) => (media, context) => (context.signal.aborted ? new Promise(() => {}) : correct(media, context))),
    options: { timeoutMs: 1500 },
    fails: [abortedBefore, abortReason],
  },
  'stores media of any kind': {
    make: changedPut((correct) => (media, context) => correct({ ...media, kind: 'snapshot' }, context)),
    fails: [kind],
  },
  'asks to try unknown kinds again': {
    make: refusing(
      (media) => (media.kind as string) !== 'snapshot',
      () => new SnapmintError('SNAPMINT_SINK_FAILED', 'Unsupported Media Type', { retryable: true }),
    ),
    fails: [kind],
  },
  'cannot be closed twice': {
    make: (objects) => {
      let closed = false
      return {
        ...referenceSink(objects),
        async close() {
          if (closed) throw new Error('The client was closed already')
          closed = true
        },
      }
    },
    fails: [closes],
  },
  'never closes': {
    make: (objects) => ({ ...referenceSink(objects), close: () => new Promise(() => {}) }),
    options: { timeoutMs: 1500 },
    fails: [closes],
  },
  'takes two and a half puts at a time': {
    make: (objects) => ({ ...referenceSink(objects), maxInFlight: 2.5 }),
    fails: [identity],
  },
  'throws a string when the store is full': { make: referenceSink, options: onFullStore('ENOSPC'), fails: [fullStore] },
  'throws an error without a class when the store is full': {
    make: referenceSink,
    options: onFullStore(Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })),
    fails: [fullStore],
  },
  'asks to try again when the store is full': {
    make: referenceSink,
    options: onFullStore(new SnapmintError('SNAPMINT_SINK_FULL', 'The store is full', { retryable: true })),
    fails: [fullStore],
  },
  'shows its password when the store is full': {
    make: referenceSink,
    options: onFullStore(new SnapmintError('SNAPMINT_SINK_FULL', 'No space left at https://me:secret@store.example/frames')),
    fails: [fullStore],
  },
  'says that all is well when the store is full': {
    make: referenceSink,
    options: { failures: [{ name: 'a full store', create: () => referenceSink(new Map()) }] },
    fails: [fullStore],
  },
}
