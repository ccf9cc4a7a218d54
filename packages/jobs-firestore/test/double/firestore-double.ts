import type {
  FirestoreBulkWriter,
  FirestoreDocument,
  FirestoreIndex,
  FirestoreLikeClient,
  FirestoreQuery,
  FirestoreReference,
  FirestoreSnapshot,
  FirestoreWriteBatch,
} from '../../src/index.js'
import { timestampOf } from './double-timestamp.js'
import { matching, type QueryShape, type StoredDocument, shapeName } from './query-shape.js'

/*
 * A Firestore in memory for what no other server here checks: it refuses queries without their composite index, answers NOT_FOUND for documents that are not there (as the real one does;
 * the emulators say FAILED_PRECONDITION), loses answers, goes deaf, runs out of quota, and counts what is paid for.
 */

type Operation = 'query' | 'listen' | 'write' | 'read'

export interface DoubleOptions {
  /** Composite indexes that exist. */
  readonly indexes: readonly FirestoreIndex[]
  /** The server's clock, in epoch ms. */
  readonly now: () => number
}

interface Failure {
  readonly operation: Operation
  readonly code: number
  readonly message: string
  times: number
  /** Fails after it was done: the answer is lost. */
  readonly isAnswerLost: boolean
  readonly extra: Record<string, unknown>
}

interface DoubleListener {
  isDeaf: boolean
  tell(): void
  fail(error: Error): void
}

export function createFirestoreDouble({ indexes, now }: DoubleOptions) {
  const stored = new Map<string, StoredDocument>()
  const listeners = new Set<DoubleListener>()
  const failures: Failure[] = []
  const shapes = new Map<string, QueryShape>()
  const billed = { reads: 0, writes: 0, queries: 0 }
  let latest = 0
  let beforeWrites: (() => void) | undefined
  let silent = false

  /** Each time is later than the one before. */
  function serverTime() {
    latest = Math.max(latest + 1, Math.round(now() * 1000))
    return latest
  }

  const grpcError = (code: number, message: string, extra: Record<string, unknown> = {}) =>
    Object.assign(new Error(`${code} ${message}`), { code, ...extra })

  function takeFailure(operation: Operation, isAnswerLost: boolean): Error | undefined {
    const failure = failures.find((each) => each.operation === operation && each.times > 0 && each.isAnswerLost === isAnswerLost)
    if (failure === undefined) return undefined
    failure.times -= 1
    return grpcError(failure.code, failure.message, failure.extra)
  }

  async function answer<T>(operation: Operation, act: () => T): Promise<T> {
    await new Promise((resolve) => setImmediate(resolve))
    if (silent) await new Promise(() => {})
    const failure = takeFailure(operation, false)
    if (failure !== undefined) throw failure
    const result = act()
    const lost = takeFailure(operation, true)
    if (lost !== undefined) throw lost
    return result
  }

  const referenceTo = (path: string): FirestoreReference => ({ path, id: path.split('/').at(-1) ?? '' })

  function toDocument(path: string, readTime: number): FirestoreDocument {
    const document = stored.get(path)
    const ref = referenceTo(path)
    const data = structuredClone(document?.data)
    return {
      id: ref.id,
      ref,
      exists: document !== undefined,
      ...(document === undefined ? {} : { updateTime: timestampOf(document.updateTime) }),
      readTime: timestampOf(readTime),
      data: () => data,
      get: (field) =>
        field.split('.').reduce<unknown>((value, part) => (value as Record<string, unknown> | undefined)?.[part], data),
    }
  }

  function requireIndex({ collection, filters, order }: QueryShape): void {
    if (order === undefined) return
    const wanted = [
      ...filters.map((field) => `${field} ASCENDING`),
      `${order.field} ${order.direction === 'asc' ? 'ASCENDING' : 'DESCENDING'}`,
    ]
    const exists = indexes.some(
      (index) =>
        index.collectionGroup === collection.split('/').at(-1) &&
        index.fields.map(({ fieldPath, order: direction }) => `${fieldPath} ${direction}`).join() === wanted.join(),
    )
    const link = 'https://console.firebase.google.com/v1/r/project/demo-snapmint/firestore/indexes?create_composite=Ck1wcm9q'
    if (!exists) throw grpcError(9, `FAILED_PRECONDITION: The query requires an index. You can create it here: ${link}`)
  }

  function run(shape: QueryShape): FirestoreDocument[] {
    requireIndex(shape)
    const readTime = serverTime()
    return matching(stored, shape).map(({ path }) => toDocument(path, readTime))
  }

  function snapshotOf(
    docs: readonly FirestoreDocument[],
    changes: readonly { type: string; doc: FirestoreDocument }[],
  ): FirestoreSnapshot {
    return { docs, size: docs.length, readTime: docs[0]?.readTime ?? timestampOf(serverTime()), docChanges: () => changes }
  }

  function listen(shape: QueryShape, onNext: (snapshot: FirestoreSnapshot) => void, onError: (error: Error) => void): () => void {
    const known = new Map<string, string>()
    let told = false
    let telling = false
    const listener: DoubleListener = {
      isDeaf: false,
      fail: onError,
      tell() {
        // What changes in one turn is told at once.
        if (telling) return
        telling = true
        setImmediate(() => {
          telling = false
          if (listener.isDeaf || silent || !listeners.has(listener)) return
          const docs = run(shape)
          const version = ({ updateTime }: FirestoreDocument) => String(updateTime?.valueOf())
          const changes = docs.flatMap((doc) => {
            const before = known.get(doc.ref.path)
            if (before === version(doc)) return []
            return [{ type: before === undefined ? 'added' : 'modified', doc }]
          })
          const gone = [...known.keys()].filter((path) => docs.every(({ ref }) => ref.path !== path))
          known.clear()
          for (const doc of docs) known.set(doc.ref.path, version(doc))
          if (told && changes.length + gone.length === 0) return
          told = true
          billed.reads += changes.length
          onNext(snapshotOf(docs, [...changes, ...gone.map((path) => ({ type: 'removed', doc: toDocument(path, latest) }))]))
        })
      },
    }
    listeners.add(listener)
    answer('listen', () => requireIndex(shape)).then(() => listener.tell(), onError)
    return () => void listeners.delete(listener)
  }

  function createQuery(shape: QueryShape): FirestoreQuery {
    const note = () => shapes.set(shapeName(shape), shape)
    return {
      where: (field) => createQuery({ ...shape, filters: [...shape.filters, field] }),
      orderBy: (field, direction) => createQuery({ ...shape, order: { field, direction } }),
      startAfter: (document) => createQuery({ ...shape, after: document }),
      startAt: (value) => createQuery({ ...shape, from: value }),
      limit: (count) => createQuery({ ...shape, limit: count }),
      get: () =>
        answer('query', () => {
          note()
          const docs = run(shape)
          billed.queries += 1
          billed.reads += docs.length
          return snapshotOf(docs, [])
        }),
      onSnapshot(onNext, onError) {
        note()
        return listen(shape, onNext, onError)
      },
    }
  }

  function change(path: string, data: Record<string, unknown> | undefined): number {
    const updateTime = serverTime()
    if (data === undefined) stored.delete(path)
    else stored.set(path, { path, data, updateTime })
    for (const listener of listeners) listener.tell()
    return updateTime
  }

  function requireVersion(path: string, lastUpdateTime: string): StoredDocument {
    const document = stored.get(path)
    if (document === undefined) throw grpcError(5, `NOT_FOUND: No document to update: ${path}`)
    if (timestampOf(document.updateTime).valueOf() !== lastUpdateTime)
      throw grpcError(9, 'FAILED_PRECONDITION: the stored version does not match the required base version')
    return document
  }

  function update(path: string, data: Record<string, unknown>, lastUpdateTime: string): number {
    billed.writes += 1
    const document = requireVersion(path, lastUpdateTime)
    const next = structuredClone(document.data)
    for (const [field, value] of Object.entries(data)) {
      if (value === undefined)
        throw new Error(`Value for argument "data" is not a valid Firestore document: ${field} is undefined`)
      const parts = field.split('.')
      const last = parts.pop() ?? ''
      let parent = next
      for (const part of parts) {
        parent[part] ??= {}
        parent = parent[part] as Record<string, unknown>
      }
      parent[last] = value
    }
    return change(path, next)
  }

  function createBatch(): FirestoreWriteBatch {
    const queue: { path: string; data: Record<string, unknown>; lastUpdateTime: string }[] = []
    return {
      update: ({ path }, data, { lastUpdateTime }) => queue.push({ path, data, lastUpdateTime: lastUpdateTime.valueOf() }),
      commit() {
        beforeWrites?.()
        return answer('write', () => {
          for (const { path, lastUpdateTime } of queue) requireVersion(path, lastUpdateTime)
          return queue.map(({ path, data, lastUpdateTime }) => ({ writeTime: timestampOf(update(path, data, lastUpdateTime)) }))
        })
      },
    }
  }

  function createBulkWriter(): FirestoreBulkWriter {
    const queue: (() => Promise<void>)[] = []
    return {
      onWriteError() {},
      update: ({ path }, data, { lastUpdateTime }) =>
        new Promise((resolve, reject) => {
          queue.push(() =>
            answer('write', () => ({ writeTime: timestampOf(update(path, data, lastUpdateTime.valueOf())) })).then(
              resolve,
              reject,
            ),
          )
        }),
      async close() {
        beforeWrites?.()
        await Promise.all(queue.map((send) => send()))
      },
    }
  }

  const client: FirestoreLikeClient = {
    collection: (path) => createQuery({ collection: path, filters: [], limit: Number.POSITIVE_INFINITY }),
    getAll: (...references: FirestoreReference[]) =>
      answer('read', () => {
        billed.reads += references.length
        const readTime = serverTime()
        return references.map(({ path }) => toDocument(path, readTime))
      }),
    batch: createBatch,
    bulkWriter: createBulkWriter,
  }

  return {
    client,
    billed,
    /** Every query that was asked, by what indexes see of it. */
    shapes,
    set: (path: string, data: Record<string, unknown>) => void change(path, data),
    delete: (path: string) => void change(path, undefined),
    read: (path: string) => structuredClone(stored.get(path)?.data),
    /** The next requests of this kind fail. */
    failNext(operation: Operation, code: number, { message = 'refused', times = 1, isAnswerLost = false, ...extra } = {}) {
      failures.push({ operation, code, message, times, isAnswerLost, extra })
    },
    /** Listeners that are open hear nothing any more, and do not know it. */
    deafen() {
      for (const listener of listeners) listener.isDeaf = true
    },
    /** Open listeners break. */
    breakListeners(code: number, message: string) {
      for (const listener of listeners) listener.fail(grpcError(code, message))
    },
    /** Called between the reads and the writes of a batch. */
    beforeWrites(hook: (() => void) | undefined) {
      beforeWrites = hook
    },
    /** Nothing is answered any more. */
    setSilent(value: boolean) {
      silent = value
    },
    get listeners() {
      return listeners.size
    },
  }
}
