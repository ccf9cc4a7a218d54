import { describe, expect, it } from 'vitest'
import { createHistory } from '../../src/history/history.js'
import { attachHistory, type HistoryReader } from '../../src/history/history-reader.js'
import { openHistoryWriter } from '../../src/history/history-writer.js'
import { createEventBus } from '../../src/observe/event-bus.js'
import { followFrames } from '../../src/pipeline/follow-frames.js'

/** A history in which another frame arrives right after every second question for the newest one, as from a capture thread. */
function busyHistory() {
  const handle = createHistory({ maxBytes: 2 ** 20 })
  const writer = openHistoryWriter(handle)
  const reader = attachHistory(handle)
  let time = 1000
  let questions = 0
  const push = () => writer.push({ mimeType: 'image/jpeg', captureTime: time++, data: new Uint8Array([1]) }, time)
  const busy: HistoryReader = {
    ...reader,
    newest() {
      const newest = reader.newest()
      if (questions++ % 2 === 0) push()
      return newest
    },
  }
  return { reader: busy, push }
}

describe('followFrames', () => {
  it('tells each frame once and in order while more arrive between two looks at the history', () => {
    const { reader, push } = busyHistory()
    const events = createEventBus()
    const told: number[] = []
    push()
    const stop = followFrames({ name: 'camera', reader, events })
    // Each end and begin of listening is a look.
    events.on('frame:captured', ({ sequenceNumber }) => told.push(sequenceNumber))
    for (let looks = 0; looks < 12; looks++) {
      push()
      events.on('frame:captured', () => {})
    }
    stop()
    expect(told.length).toBeGreaterThan(5)
    expect(told).toEqual(told.map((_, index) => told[0]! + index))
  })
})
