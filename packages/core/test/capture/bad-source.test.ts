import { describe, expect, it } from 'vitest'
import { SnapmintError } from '../../src/errors/snapmint-error.js'
import { captureInline, forever, iterable, scriptedSource, still, throwingSource } from './support/inline-capture.js'

describe('a source that misbehaves', () => {
  it('throws: the error is told with its cause, and the next run gives frames', async () => {
    const cause = new Error('no such device rtsp://me:secret@camera/1')
    const { capture, timers, all, names, pushed, stop } = captureInline(
      scriptedSource(async function* ({ now, signal }, run) {
        if (run === 1) throw cause
        yield still(now())
        await forever(signal)
      }),
    )
    await timers.advance(0)
    expect(capture.state()).toBe('restarting')
    const [{ error, delayMs }] = all('source:restarting') as unknown as [{ error: SnapmintError; delayMs: number }]
    expect(error).toMatchObject({ code: 'SNAPMINT_SOURCE_FAILED', retryable: true, cause })
    expect(error.message).not.toContain('secret')
    expect(delayMs).toBe(250)
    await timers.advance(250)
    expect(names()).toEqual(['source:restarting', 'source:started'])
    expect([capture.state(), pushed(), capture.figures().restarts]).toEqual(['running', 1, 1])
    await stop()
  })

  it.each([
    ['undefined', undefined],
    ['a string', 'oops'],
    ['an object without a prototype', Object.create(null)],
    ['a symbol', Symbol('odd')],
  ])('throws %s: that is told and the source restarted', async (_what, thrown) => {
    const { capture, timers, all, stop } = captureInline(throwingSource(thrown))
    await timers.advance(0)
    expect(all('source:restarting')[0]!.error).toMatchObject({ code: 'SNAPMINT_SOURCE_FAILED', cause: thrown })
    expect(capture.state()).toBe('restarting')
    await stop()
  })

  it('throws an error that no restart can mend: it is given up, and both promises reject', async () => {
    const error = new SnapmintError('SNAPMINT_SOURCE_UNAUTHORIZED', 'wrong password')
    const { capture, timers, names, all } = captureInline(throwingSource(error))
    await timers.advance(60_000)
    expect(names()).toEqual(['source:failed'])
    expect(all('source:failed')[0]!.error).toBe(error)
    await expect(capture.firstFrame).rejects.toBe(error)
    await expect(capture.firstAttempt).rejects.toBe(error)
    await capture.stop()
    expect(capture.state()).toBe('failed')
    expect(timers.pending).toBe(0)
  })

  it('asks for a pause: it is not restarted before', async () => {
    const { timers, all, stop } = captureInline(
      throwingSource(new SnapmintError('SNAPMINT_SOURCE_UNAVAILABLE', 'busy', { retryable: true, retryAfterMs: 7000 })),
    )
    await timers.advance(6999)
    expect(all('source:restarting').map(({ delayMs }) => delayMs)).toEqual([7000])
    await timers.advance(1)
    expect(all('source:restarting')).toHaveLength(2)
    await stop()
  })

  it.each([Number.NaN, -5, Number.POSITIVE_INFINITY, 'soon'])(
    'advises a nonsensical pause of %s: the back-off holds',
    async (advice) => {
      const { timers, all, stop } = captureInline(
        throwingSource(
          new SnapmintError('SNAPMINT_SOURCE_UNAVAILABLE', 'busy', { retryable: true, retryAfterMs: advice as number }),
        ),
      )
      await timers.advance(0)
      expect(all('source:restarting')[0]!.delayMs).toBe(250)
      await stop()
    },
  )

  it('fails again and again: delays double up to the limit, and ten sound seconds reset them', async () => {
    const { timers, all, stop } = captureInline(
      scriptedSource(async function* ({ now, signal }, run) {
        if (run === 7) {
          yield still(now())
          await step(signal)
          yield still(now())
        }
        throw new Error('again')
      }),
      { stallMs: 60_000 },
    )
    const { step, advance } = stepper(timers)
    await timers.advance(250 + 500 + 1000 + 2000 + 2000 + 2000)
    await advance(10_000)
    await timers.advance(0)
    expect(all('source:restarting').map(({ delayMs }) => delayMs)).toEqual([250, 500, 1000, 2000, 2000, 2000, 250])
    await stop()
  })

  it('ends though it is live: that is an error and it is restarted', async () => {
    const { capture, timers, names, all, stop } = captureInline(
      scriptedSource(async function* ({ now }) {
        yield still(now())
      }),
    )
    await timers.advance(0)
    expect(names()).toEqual(['source:started', 'source:restarting'])
    expect(all('source:restarting')[0]!.error.code).toBe('SNAPMINT_SOURCE_ENDED')
    await timers.advance(250)
    expect(capture.figures().run).toBe(2)
    await stop()
  })

  it('ends and is finite: that is success', async () => {
    const { capture, timers, names } = captureInline(
      scriptedSource(
        async function* ({ now }) {
          yield still(now())
        },
        { finite: true },
      ),
    )
    await timers.advance(60_000)
    expect(names()).toEqual(['source:started', 'source:ended'])
    expect(capture.state()).toBe('ended')
    await capture.firstFrame
    await capture.stop()
    expect(timers.pending).toBe(0)
  })

  it('ends without a frame and is finite: nobody waits for the first frame for ever', async () => {
    const { capture, timers } = captureInline(scriptedSource(async function* () {}, { finite: true }))
    await timers.advance(0)
    await expect(capture.firstFrame).rejects.toMatchObject({ code: 'SNAPMINT_SOURCE_ENDED' })
    await capture.firstAttempt
  })

  it('stalls before its first frame: it is aborted and restarted', async () => {
    const reasons: unknown[] = []
    const { capture, timers, names, all, stop } = captureInline(
      scriptedSource(async function* ({ signal, now }, run) {
        signal.addEventListener('abort', () => reasons.push(signal.reason))
        if (run === 1) await forever(signal)
        yield still(now())
        await forever(signal)
      }),
      { stallMs: 3000 },
    )
    await timers.advance(2999)
    expect(names()).toEqual([])
    await timers.advance(1)
    expect(names()).toEqual(['source:stalled', 'source:restarting'])
    expect(all('source:stalled')[0]).toMatchObject({ run: 1, stallMs: 3000, error: { code: 'SNAPMINT_SOURCE_STALLED' } })
    expect(reasons).toEqual([all('source:stalled')[0]!.error])
    await timers.advance(250)
    expect(capture.state()).toBe('running')
    await stop()
  })

  it('stalls after frames: counted from the last accepted one', async () => {
    const { timers, all, stop } = captureInline(
      scriptedSource(async function* ({ signal, now }) {
        for (let count = 0; count < 3; count++) {
          yield still(now())
          await step(signal)
        }
        await forever(signal)
      }),
      { stallMs: 3000 },
    )
    const { step, advance } = stepper(timers)
    await advance(2000)
    await advance(2000)
    await advance(2000)
    await timers.advance(998)
    expect(all('source:stalled')).toHaveLength(0)
    await timers.advance(2)
    expect(all('source:stalled')).toHaveLength(1)
    await stop()
  })

  it('yields only what is refused: that is a stall too, and the error says why', async () => {
    const { timers, all, pushed, stop } = captureInline(
      scriptedSource(async function* ({ signal }) {
        for (;;) {
          yield still(Number.NaN)
          await step(signal)
        }
      }),
      { stallMs: 3000 },
    )
    const { step, advance } = stepper(timers)
    for (let count = 0; count < 4; count++) await advance(1000)
    expect(pushed()).toBe(0)
    expect(all('source:stalled')[0]!.error.message).toContain('captureTime')
    await stop()
  })

  it('yields on and on in one tick: timers and other sources still get their turn', async () => {
    const { capture, timers, stop } = captureInline(
      scriptedSource(async function* ({ now }) {
        for (;;) yield still(now())
      }),
    )
    let turns = 0
    const timer = setInterval(() => turns++, 1)
    await new Promise((resolve) => {
      const poll = setInterval(() => {
        if (turns < 5) return
        clearInterval(poll)
        resolve(undefined)
      }, 5)
    })
    clearInterval(timer)
    expect(capture.figures().accepted).toBeGreaterThan(100)
    await stop()
    expect([capture.state(), timers.pending]).toEqual(['stopped', 0])
  })

  it('ignores the abort: it is abandoned after 2 s and what it yields later is not looked at', async () => {
    let late = (_value: unknown) => {}
    const { capture, timers, names, all, pushed, stop } = captureInline(
      scriptedSource(async function* ({ now, signal, allocate }, run) {
        yield still(now())
        if (run > 1) await forever(signal)
        await new Promise((resolve) => {
          late = resolve
        })
        // Long dead: neither this view nor this frame may touch the history.
        allocate(4).fill(99)
        yield still(now())
      }),
      { stallMs: 3000 },
    )
    await timers.advance(4999)
    expect(names()).toEqual(['source:started'])
    await timers.advance(1)
    expect(names()).toEqual(['source:started', 'source:notice', 'source:stalled', 'source:restarting'])
    expect(all('source:notice')[0]!.message).toContain('signal')
    await timers.advance(250)
    expect([capture.figures().run, pushed()]).toEqual([2, 2])
    late(undefined)
    await timers.advance(0)
    expect(pushed()).toBe(2)
    expect(capture.state()).toBe('running')
    await stop()
  })

  it('ignores the abort of stop(): stop resolves all the same', async () => {
    const { capture, timers } = captureInline(scriptedSource(() => iterable(forever)))
    await timers.advance(10)
    const stopped = capture.stop()
    await timers.advance(2000)
    await stopped
    expect([capture.state(), timers.pending]).toEqual(['stopped', 0])
  })

  it('returns no iterable, or has frames() throw: it is restarted', async () => {
    const { timers, all, stop } = captureInline(
      scriptedSource((_context, run) => {
        if (run === 1) return undefined as never
        throw new RangeError('at once')
      }),
    )
    await timers.advance(250)
    expect(all('source:restarting').map(({ error }) => error.code)).toEqual(['SNAPMINT_SOURCE_FAILED', 'SNAPMINT_SOURCE_FAILED'])
    await stop()
  })

  it('fails while it cleans up: that is a failure like any other', async () => {
    const { capture, timers } = captureInline(
      scriptedSource(async function* ({ now }) {
        try {
          yield still(now())
          yield still(now() + 1)
        } finally {
          await Promise.reject(new Error('cannot close'))
        }
      }),
    )
    await timers.advance(0)
    const stopped = capture.stop()
    await timers.advance(2000)
    await stopped
    expect(capture.state()).toBe('stopped')
  })
})

/** Lets a source wait for the test: `advance` lets time pass and then lets it go on. */
function stepper(timers: { advance(ms: number): Promise<void> }) {
  let go = () => {}
  return {
    step: (signal: AbortSignal) =>
      new Promise<void>((resolve, reject) => {
        go = resolve
        signal.addEventListener('abort', () => reject(signal.reason), { once: true })
      }),
    async advance(ms: number) {
      await timers.advance(ms)
      go()
      await timers.advance(0)
    },
  }
}
