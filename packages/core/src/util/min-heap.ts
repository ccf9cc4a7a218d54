/** Items by rank, the lowest first; equal ranks in the order of their arrival. Each call costs the logarithm of the size. */
export interface MinHeap<T> {
  readonly size: number
  push(rank: number, item: T): void
  /** Rank of the first item. */
  readonly minRank: number | undefined
  pop(): T | undefined
}

interface Node<T> {
  readonly rank: number
  readonly order: number
  readonly item: T
}

export function createMinHeap<T>(): MinHeap<T> {
  const nodes: Node<T>[] = []
  let arrivals = 0

  function isBefore(a: number, b: number): boolean {
    const left = nodes[a] as Node<T>
    const right = nodes[b] as Node<T>
    return left.rank < right.rank || (left.rank === right.rank && left.order < right.order)
  }

  function swap(a: number, b: number): void {
    const node = nodes[a] as Node<T>
    nodes[a] = nodes[b] as Node<T>
    nodes[b] = node
  }

  function sink(): void {
    for (let index = 0; ; ) {
      const left = 2 * index + 1
      if (left >= nodes.length) return
      const child = left + 1 < nodes.length && isBefore(left + 1, left) ? left + 1 : left
      if (!isBefore(child, index)) return
      swap(child, index)
      index = child
    }
  }

  return {
    get size() {
      return nodes.length
    },
    get minRank() {
      return nodes[0]?.rank
    },
    push(rank, item) {
      arrivals += 1
      nodes.push({ rank, order: arrivals, item })
      for (let index = nodes.length - 1; index > 0; ) {
        const parent = (index - 1) >> 1
        if (!isBefore(index, parent)) return
        swap(index, parent)
        index = parent
      }
    },
    pop() {
      const first = nodes[0]
      const last = nodes.pop()
      if (first === undefined || last === undefined) return undefined
      if (nodes.length > 0) {
        nodes[0] = last
        sink()
      }
      return first.item
    },
  }
}
