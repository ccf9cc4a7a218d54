import { describe, expect, it } from 'vitest'
import { createTurns } from '../src/turns.js'

const never = () => new AbortController().signal

describe('createTurns', () => {
  it('runs what has the same name one after the other, in order, also after a failure, and other names meanwhile', async () => {
    const inTurn = createTurns()
    const seen: string[] = []
    let running = 0
    const run = (what: string) => async () => {
      running += 1
      expect(running).toBe(1)
      await new Promise((resolve) => setTimeout(resolve, 2))
      running -= 1
      seen.push(what)
      if (what === 'b') throw new Error('b failed')
      return what
    }
    const results = await Promise.allSettled(['a', 'b', 'c'].map((what) => inTurn('x', never(), run(what))))
    expect(seen).toEqual(['a', 'b', 'c'])
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    const blocked = inTurn('x', never(), () => new Promise(() => {}))
    expect(await inTurn('y', never(), async () => 'free')).toBe('free')
    void blocked
  })

  it('lets one that waits leave at once, and never runs it', async () => {
    const inTurn = createTurns()
    let release = () => {}
    const first = inTurn('x', never(), () => new Promise<void>((resolve) => (release = resolve)))
    const controller = new AbortController()
    let hasRun = false
    const waiting = inTurn('x', controller.signal, async () => {
      hasRun = true
    })
    const last = inTurn('x', never(), async () => 'last')
    await Promise.resolve()
    controller.abort('enough')
    await expect(waiting).rejects.toBe('enough')
    await expect(inTurn('x', controller.signal, async () => {})).rejects.toBe('enough')
    release()
    await first
    expect(await last).toBe('last')
    expect(hasRun).toBe(false)
  })
})
