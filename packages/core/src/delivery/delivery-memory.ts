/** Receipts of pictures delivered lately are given again without a put, so that a crowd that comes in several batches costs one. */
const REMEMBERED = { count: 10_000, ms: 10 * 60_000 } as const

/** Remembers the newest 10,000 values for ten minutes. */
export function createMemory<T>() {
  const memories = new Map<string, { readonly value: T; readonly until: number }>()
  return {
    get(id: string): T | undefined {
      const memory = memories.get(id)
      if (memory === undefined || memory.until > performance.now()) return memory?.value
      memories.delete(id)
      return undefined
    },
    set(id: string, value: T): void {
      memories.set(id, { value, until: performance.now() + REMEMBERED.ms })
      const oldest = memories.keys().next().value
      if (memories.size > REMEMBERED.count && oldest !== undefined) memories.delete(oldest)
    },
  }
}
