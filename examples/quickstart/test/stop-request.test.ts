import { EventEmitter } from 'node:events'
import { describe, expect, it } from 'vitest'
import { listenForStop } from '../src/stop-request.js'

function setUp() {
  const source = new EventEmitter()
  const output = new EventEmitter()
  const exits: number[] = []
  let time = 0
  const stop = listenForStop({ signals: source, output, exit: (code) => exits.push(code), now: () => time })
  return {
    stop,
    source,
    output,
    exits,
    wait: (ms: number) => {
      time += ms
    },
  }
}

describe('listenForStop', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'])('asks for an orderly end on %s', (signal) => {
    const { stop, source, exits } = setUp()
    source.emit(signal)
    expect(stop.signal.aborted).toBe(true)
    expect(exits).toEqual([])
  })

  it('takes the same Ctrl-C from the terminal and from npm for one', () => {
    const { source, exits, wait } = setUp()
    source.emit('SIGINT')
    wait(20)
    source.emit('SIGINT')
    expect(exits).toEqual([])
  })

  it('ends at once with 130 on a second Ctrl-C', () => {
    const { source, exits, wait } = setUp()
    source.emit('SIGINT')
    wait(1_000)
    source.emit('SIGINT')
    expect(exits).toEqual([130])
  })

  it('asks for an orderly end when nobody reads the output any more', () => {
    const { stop, output, exits } = setUp()
    output.emit('error')
    output.emit('error')
    expect(stop.signal.aborted).toBe(true)
    expect(exits).toEqual([])
  })

  it('leaves the signals alone when it is disposed of', () => {
    const { stop, source } = setUp()
    stop.dispose()
    expect(source.eventNames().flatMap((name) => source.listeners(name))).toEqual([])
  })
})
