import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createTurnoverMap } from '../../src/util/turnover-map.js'

const key = fc.integer({ min: 0, max: 12 })
const operation = fc.oneof(
  fc.record({ kind: fc.constant('set' as const), key, value: fc.integer() }),
  fc.record({ kind: fc.constant('delete' as const), key }),
  fc.record({ kind: fc.constant('clear' as const) }),
)

describe('createTurnoverMap', () => {
  it('holds what a Map holds, in the same order, however often it starts afresh', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 200 }), (operations) => {
        const map = createTurnoverMap<number, number>({ minDeletions: 3 })
        const model = new Map<number, number>()
        for (const step of operations) {
          if (step.kind === 'set') {
            map.set(step.key, step.value)
            model.set(step.key, step.value)
          } else if (step.kind === 'delete') expect(map.delete(step.key)).toBe(model.delete(step.key))
          else {
            map.clear()
            model.clear()
          }
          expect([...map]).toEqual([...model])
          expect([map.size, [...map.keys()], [...map.values()]]).toEqual([model.size, [...model.keys()], [...model.values()]])
          for (let id = 0; id <= 12; id++) expect([map.has(id), map.get(id)]).toEqual([model.has(id), model.get(id)])
        }
      }),
    )
  })

  it('comes to every entry that stays, although others are deleted while it is iterated', () => {
    const map = createTurnoverMap<number, string>({ minDeletions: 2 })
    for (let id = 0; id < 10; id++) map.set(id, 'kept')
    const seen: number[] = []
    for (const [id] of map) {
      seen.push(id)
      if (id % 2 === 0) map.delete(id)
    }
    expect(seen.filter((id) => id % 2 === 1)).toEqual([1, 3, 5, 7, 9])
    expect([...map.keys()]).toEqual([1, 3, 5, 7, 9])
  })
})
