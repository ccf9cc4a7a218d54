import { createGatherer } from './gather.js'

/** One call for all who ask for the same `id` at the same time. Each may leave by its own signal; the call is aborted when nobody waits for it any more. */
export type Shared<Item> = (id: string, item: Item, signal: AbortSignal) => Promise<void>

export function createShared<Item>(run: (item: Item, signal: AbortSignal) => Promise<void>): Shared<Item> {
  // A batch of one is full as soon as it is there: it waits for nobody.
  const { add } = createGatherer<Item, void>({
    maxItems: 1,
    maxWaitMs: 1,
    send: async (items, signal) => {
      for (const { item } of items) await run(item, signal)
      return items.map(() => ({ status: 'fulfilled', value: undefined }))
    },
  })
  return (id, item, signal) => add(id, item, signal, () => {})
}
