import { SnapmintError } from '@snapmint/core'
import { describe, expect, it } from 'vitest'
import { reportPutTroubles } from '../src/report-put-troubles.js'

function rehearse() {
  const listeners = new Map<string, (event: never) => void>()
  const lines: string[] = []
  let time = 0
  const on = (name: string, listener: (event: never) => void) => {
    listeners.set(name, listener)
    return () => {}
  }
  reportPutTroubles(
    { on } as never,
    (line) => lines.push(line),
    () => time,
  )
  return {
    lines,
    pass: (ms: number) => {
      time += ms
    },
    fail: (message: string, code: 'SNAPMINT_SINK_FAILED' | 'SNAPMINT_SINK_FORBIDDEN' = 'SNAPMINT_SINK_FAILED') =>
      listeners.get('put:retrying')?.({ sink: 'gcs', error: new SnapmintError(code, message) } as never),
    store: () => listeners.get('put:stored')?.({ sink: 'gcs' } as never),
  }
}

describe('reportPutTroubles', () => {
  it('tells an outage once a minute, however many pictures wait, and its end once', () => {
    const { lines, pass, fail, store } = rehearse()
    for (let n = 0; n < 100; n++) {
      fail(`picture ${n} failed`)
      pass(1_000)
    }
    store()
    store()
    expect(lines).toEqual([
      '! A picture cannot be stored, tried again: picture 0 failed',
      '! A picture cannot be stored, tried again (59 more failures since the last time): picture 60 failed',
      '  Pictures are stored again.',
    ])
  })

  it('tells another kind of error at once', () => {
    const { lines, fail } = rehearse()
    fail('a fault')
    fail('a fault')
    fail('not allowed', 'SNAPMINT_SINK_FORBIDDEN')
    expect(lines).toEqual([
      '! A picture cannot be stored, tried again: a fault',
      '! A picture cannot be stored, tried again: not allowed',
    ])
  })
})
