/** One item that waits for its batch. Whoever adds the same again shares it. */
export interface Gathered<Item> {
  readonly id: string
  readonly item: Item
}

export interface GathererOptions<Item, Result> {
  readonly maxItems: number
  readonly maxWaitMs: number
  /** Answers, for each item in order, a result or why it has none. A rejection is that of every item. `signal` aborts when nobody waits for any of them any more. */
  send(items: readonly Gathered<Item>[], signal: AbortSignal): Promise<readonly PromiseSettledResult<Result>[]>
}

export interface Gatherer<Item, Result> {
  /** Joins the batch that is being gathered; `merge` is called instead where the item is in a batch already. Over as soon as `signal` aborts. */
  add(id: string, item: Item, signal: AbortSignal, merge: (present: Item) => void): Promise<Result>
  /** Rejects with `reason` what is not sent yet. */
  close(reason: () => unknown): void
}

interface Entry<Item, Result> extends Gathered<Item> {
  waiting: number
  readonly promise: Promise<Result>
  resolve(result: Result): void
  reject(reason: unknown): void
}

interface Batch<Item, Result> {
  readonly entries: Map<string, Entry<Item, Result>>
  readonly controller: AbortController
  timer: ReturnType<typeof setTimeout> | undefined
  isSent: boolean
}

/** Gathers what is under way at the same time into batches. */
export function createGatherer<Item, Result>({
  maxItems,
  maxWaitMs,
  send,
}: GathererOptions<Item, Result>): Gatherer<Item, Result> {
  type AnyBatch = Batch<Item, Result>
  const batches = new Set<AnyBatch>()
  let open: AnyBatch | undefined

  function end(batch: AnyBatch): void {
    clearTimeout(batch.timer)
    if (open === batch) open = undefined
    batches.delete(batch)
  }

  async function seal(batch: AnyBatch): Promise<void> {
    clearTimeout(batch.timer)
    if (open === batch) open = undefined
    batch.isSent = true
    const entries = [...batch.entries.values()]
    const items = entries.map(({ id, item }) => ({ id, item }))
    try {
      const results = await send(items, batch.controller.signal)
      for (const [index, entry] of entries.entries()) {
        const result = results[index]!
        if (result.status === 'fulfilled') entry.resolve(result.value)
        else entry.reject(result.reason)
      }
    } catch (thrown) {
      for (const entry of entries) entry.reject(thrown)
    } finally {
      end(batch)
    }
  }

  function openBatch(): AnyBatch {
    if (open !== undefined) return open
    const batch: AnyBatch = { entries: new Map(), controller: new AbortController(), timer: undefined, isSent: false }
    batch.timer = setTimeout(() => void seal(batch), maxWaitMs)
    batches.add(batch)
    open = batch
    return batch
  }

  function place(id: string, item: Item, merge: (present: Item) => void): [AnyBatch, Entry<Item, Result>] {
    for (const batch of batches) {
      const present = batch.entries.get(id)
      if (present === undefined || batch.controller.signal.aborted) continue
      merge(present.item)
      return [batch, present]
    }
    const batch = openBatch()
    const entry: Entry<Item, Result> = { id, item, waiting: 0, ...deferred<Result>() }
    // Those who wait are told by their own promise.
    entry.promise.catch(() => {})
    batch.entries.set(id, entry)
    return [batch, entry]
  }

  function leave(batch: AnyBatch, entry: Entry<Item, Result>, reason: unknown): void {
    entry.waiting -= 1
    if (entry.waiting > 0) return
    if (batch.isSent) {
      // What is on its way to the node cannot be taken out of its folder; it ends when nobody wants any of it.
      if ([...batch.entries.values()].every(({ waiting }) => waiting === 0)) batch.controller.abort(reason)
      return
    }
    batch.entries.delete(entry.id)
    if (batch.entries.size === 0) end(batch)
  }

  return {
    add(id, item, signal, merge) {
      if (signal.aborted) return Promise.reject(signal.reason)
      const [batch, entry] = place(id, item, merge)
      entry.waiting += 1
      const answer = new Promise<Result>((resolve, reject) => {
        const onAbort = () => {
          reject(signal.reason)
          leave(batch, entry, signal.reason)
        }
        signal.addEventListener('abort', onAbort, { once: true })
        entry.promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
      })
      if (batch.entries.size >= maxItems && !batch.isSent) void seal(batch)
      return answer
    },
    close(reason) {
      const batch = open
      if (batch === undefined) return
      end(batch)
      for (const entry of batch.entries.values()) entry.reject(reason())
    },
  }
}

function deferred<T>() {
  let resolve!: (value: T) => void
  let reject!: (reason: unknown) => void
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  return { promise, resolve, reject }
}
