import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createFifo } from '../../src/util/fifo.js'
import { createMinHeap } from '../../src/util/min-heap.js'

describe('createMinHeap', () => {
  it('gives items by rank, equal ones in the order of their arrival', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20)), (ranks) => {
        const heap = createMinHeap<number>()
        for (const [index, rank] of ranks.entries()) heap.push(rank, index)
        const sorted = ranks.map((rank, index) => ({ rank, index })).sort((a, b) => a.rank - b.rank)
        for (const { rank, index } of sorted) {
          expect(heap.minRank).toBe(rank)
          expect(heap.pop()).toBe(index)
        }
        expect([heap.pop(), heap.minRank, heap.size]).toEqual([undefined, undefined, 0])
      }),
    )
  })
})

describe('createFifo', () => {
  it('gives items in the order of their arrival, however pushes and shifts alternate', () => {
    const fifo = createFifo<number>()
    const array: number[] = []
    for (let index = 0; index < 20_000; index++) {
      fifo.push(index)
      array.push(index)
      if (index % 3 !== 0) expect(fifo.shift()).toBe(array.shift())
    }
    expect(fifo.size).toBe(array.length)
    while (array.length > 0) expect(fifo.shift()).toBe(array.shift())
    expect([fifo.shift(), fifo.size]).toEqual([undefined, 0])
  })
})
