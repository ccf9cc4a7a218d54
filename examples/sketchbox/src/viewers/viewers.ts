import { setMaxListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FirestoreDatabase } from '../emulators/firestore-service.js'
import { formatTime } from '../format.js'
import { type CheckedJob, checkJob, type PictureStore } from './check-job.js'

export interface ViewersOptions {
  readonly firestore: FirestoreDatabase
  readonly collection: string
  readonly store: PictureStore
  /** Undefined: until the end. */
  readonly jobs: number | undefined
  readonly print: (line: string) => void
  /** Aborted when no more are to be filed. */
  readonly ending: AbortSignal
  /** Aborted when what has not come out by now will not. */
  readonly ended: AbortSignal
}

export interface ViewersSummary {
  readonly filed: number
  readonly right: number
  /** Names of objects, each once. */
  readonly objects: number
}

/** Between two jobs, in ms; each third comes at once, as when two people press the button together. */
const pauseMs = 700
/** How long reading an object back may take, in ms. */
const checkMs = 20_000

/** People who mint: files jobs as the web site does, and looks at what becomes of each. Resolves when all have come out, or `ended` says so. */
export async function runViewers(options: ViewersOptions): Promise<ViewersSummary> {
  const { jobs = Number.POSITIVE_INFINITY, ending, ended, print } = options
  // Every viewer waits for it.
  setMaxListeners(0, ended)
  const results: Promise<CheckedJob>[] = []
  while (results.length < jobs && !ending.aborted) {
    results.push(mint(results.length + 1, options))
    if (results.length % 3 !== 2) await sleep(pauseMs, undefined, { signal: ending }).catch(() => {})
  }
  const checked = await Promise.all(results)
  const objects = new Set(checked.flatMap(({ objectName }) => (objectName === undefined ? [] : [objectName])))
  if (checked.length === 0) print('  No job was filed.')
  return { filed: checked.length, right: checked.filter(({ isRight }) => isRight).length, objects: objects.size }
}

async function mint(number: number, { firestore, collection, store, print, ended }: ViewersOptions): Promise<CheckedJob> {
  const dateCreated = Math.floor(Date.now() / 1000)
  print(`→ viewer ${number} mints: { mediaTimestamp: null, dateCreated: ${dateCreated} }  (${formatTime(dateCreated * 1000)})`)
  const since = performance.now()
  try {
    const filing = firestore.collection(collection).add({ mediaTimestamp: null, dateCreated })
    const document = await unlessEnded(filing, ended)
    if (document === undefined) throw new Error('Firestore did not take the job')
    const data = await untilAnswered(firestore, document.path, ended)
    if (data === undefined) throw new Error('the document still waits')
    const checked = await unlessEnded(checkJob(dateCreated, data, store), AbortSignal.timeout(checkMs))
    if (checked === undefined) throw new Error('the object could not be read back: Cloud Storage does not answer')
    print(
      `${checked.isRight ? '✓' : '✗'} viewer ${number}: ${checked.text} (${Math.round(performance.now() - since)} ms after it was filed)`,
    )
    return checked
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error)
    print(`✗ viewer ${number}: ${text}`)
    return { isRight: false, objectName: undefined, text }
  }
}

/** Undefined when the end comes first: what does not answer shall not keep anybody. */
function unlessEnded<T>(promise: Promise<T>, ended: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const onEnded = () => resolve(undefined)
    if (ended.aborted) onEnded()
    ended.addEventListener('abort', onEnded, { once: true })
    promise.then(resolve, reject).finally(() => ended.removeEventListener('abort', onEnded))
  })
}

/** The document's data once it is no longer waiting; undefined when `ended` comes first. */
function untilAnswered(
  firestore: FirestoreDatabase,
  path: string,
  ended: AbortSignal,
): Promise<Record<string, unknown> | undefined> {
  return new Promise((resolve, reject) => {
    const finish = (data?: Record<string, unknown>) => {
      ended.removeEventListener('abort', onEnded)
      unsubscribe()
      resolve(data)
    }
    const onEnded = () => finish()
    const unsubscribe = firestore.doc(path).onSnapshot((document) => {
      const data = document.data()
      if (data !== undefined && data.mediaTimestamp !== null) queueMicrotask(() => finish(data))
    }, reject)
    ended.addEventListener('abort', onEnded)
    if (ended.aborted) queueMicrotask(onEnded)
  })
}
