/** The part of a Map that {@link createTurnoverMap} has. */
export interface TurnoverMap<K, V> {
  readonly size: number
  get(key: K): V | undefined
  has(key: K): boolean
  set(key: K, value: V): void
  delete(key: K): boolean
  clear(): void
  keys(): IterableIterator<K>
  values(): IterableIterator<V>
  [Symbol.iterator](): IterableIterator<[K, V]>
}

/**
 * A Map for entries that come and go by the thousand. V8 replaces a Map's table whenever it has grown, shrunk or filled up with deleted entries, and links the
 * old table to the new one. Once such a table has reached the old generation, every later one stays reachable from it, with all that it ever held, until
 * the next full collection. A new Map now and then cuts that chain.
 *
 * While it is iterated, entries that were deleted meanwhile may still come up.
 */
export function createTurnoverMap<K, V>({ minDeletions = 512 } = {}): TurnoverMap<K, V> {
  let map = new Map<K, V>()
  let deletions = 0
  return {
    get size() {
      return map.size
    },
    get: (key) => map.get(key),
    has: (key) => map.has(key),
    set: (key, value) => void map.set(key, value),
    delete(key) {
      if (!map.delete(key)) return false
      deletions++
      // As many deletions as entries are left: copying those costs each deletion one step.
      if (deletions >= minDeletions && deletions >= map.size) {
        map = new Map(map)
        deletions = 0
      }
      return true
    },
    clear() {
      map = new Map()
      deletions = 0
    },
    keys: () => map.keys(),
    values: () => map.values(),
    [Symbol.iterator]: () => map[Symbol.iterator](),
  }
}
