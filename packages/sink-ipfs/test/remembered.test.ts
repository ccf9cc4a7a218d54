import { describe, expect, it } from 'vitest'
import { createRemembered } from '../src/remembered.js'

describe('createRemembered', () => {
  it('forgets what was asked for longest ago', () => {
    const remembered = createRemembered<number>(3)
    for (const number of [1, 2, 3]) remembered.set(`${number}`, number)
    expect(remembered.get('1')).toBe(1)
    remembered.set('4', 4)
    expect(['1', '2', '3', '4'].map((id) => remembered.get(id))).toEqual([1, undefined, 3, 4])
  })
})
