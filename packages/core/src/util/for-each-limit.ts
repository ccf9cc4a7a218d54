/**
 * Runs `work` for every item, at most `limit` at a time, in order of their beginning. One failure stops none of the others.
 *
 * @throws the first error, once all have ended.
 */
export async function forEachLimit<T>(items: readonly T[], limit: number, work: (item: T) => Promise<void>): Promise<void> {
  const errors: unknown[] = []
  let next = 0
  async function run(): Promise<void> {
    while (next < items.length) {
      const item = items[next] as T
      next += 1
      await work(item).catch((error: unknown) => errors.push(error))
    }
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, run))
  if (errors.length > 0) throw errors[0]
}
