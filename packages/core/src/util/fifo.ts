/** First in, first out, in constant time. */
export interface Fifo<T> {
  readonly size: number
  push(item: T): void
  shift(): T | undefined
}

export function createFifo<T>(): Fifo<T> {
  let items: (T | undefined)[] = []
  let head = 0
  return {
    get size() {
      return items.length - head
    },
    push(item) {
      items.push(item)
    },
    shift() {
      const item = items[head]
      if (head === items.length) return undefined
      // The place is cleared so that the item is not kept alive until the array is cut.
      items[head] = undefined
      head += 1
      if (head >= 1024 && head * 2 >= items.length) {
        items = items.slice(head)
        head = 0
      }
      return item
    },
  }
}
