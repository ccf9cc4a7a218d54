import { describe, expect, it } from 'vitest'
import { createMessageSplitter } from '../../src/rtsp/message-splitter.js'
import { formatRequest, headerParameters } from '../../src/rtsp/rtsp-message.js'
import { interleave } from '../fixtures/rtsp-wire.js'

const answer = 'RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 4\r\nX: a\r\n b\r\n\r\nbody'
const packet = Uint8Array.from({ length: 300 }, (_, index) => (index === 0 ? 0x80 : index & 255))

function createBench() {
  const log: string[] = []
  const splitter = createMessageSplitter({
    onMedia: (channel, bytes, start, end) =>
      void log.push(`media ${channel} ${bytes.toString('latin1', start, end).length} ${bytes[end - 1]}`),
    onResponse: ({ status, headers, body }) => void log.push(`${status} ${headers.get('x')?.join()} ${body}`),
    onRequest: ({ method }) => void log.push(method),
  })
  /** Hands over as many bytes at a time, always in the same memory. */
  const take = (data: Uint8Array, step = data.length) => {
    const memory = Buffer.alloc(step)
    for (let at = 0; at < data.length; at += step) {
      const part = data.subarray(at, at + step)
      memory.set(part)
      splitter.take(memory, part.length)
      memory.fill(0xee)
    }
  }
  return { log, take }
}

describe('a message splitter', () => {
  const data = Buffer.concat([
    Buffer.from(answer),
    interleave(0, packet),
    interleave(1, packet.subarray(0, 8)),
    Buffer.from(`\r\nOPTIONS * RTSP/1.0\r\nCSeq: 5\r\n\r\n${answer}`),
    interleave(0, packet.subarray(0, 40)),
    interleave(2, new Uint8Array(0)),
    interleave(0, packet),
  ])
  const expected = [
    '200 a b body',
    'media 0 300 43',
    'media 1 8 7',
    'OPTIONS',
    '200 a b body',
    'media 0 40 39',
    'media 2 0 0',
    'media 0 300 43',
  ]

  it('finds messages and media in whatever pieces they come', () => {
    for (const step of [data.length, 1, 2, 3, 5, 7, 64, 299, 300, 301, 304, 305]) {
      const { log, take } = createBench()
      take(data, step)
      expect(log).toEqual(expected)
    }
  })

  it('finds the next packet after garbage', () => {
    for (const step of [1, 7, 1000]) {
      const { log, take } = createBench()
      take(
        Buffer.concat([Buffer.from(answer), Buffer.from('ABC$\x05$$\x00\x01R'), interleave(0, packet), interleave(0, packet)]),
        step,
      )
      expect(log.at(-1)).toBe('media 0 300 43')
      expect(log.length).toBeGreaterThanOrEqual(2)
    }
  })

  it.each([
    ['something else than RTSP', 'SSH-2.0-OpenSSH', /something else than RTSP/],
    ['a head without end', `RTSP/1.0 200 OK\r\n${'X: 1\r\n'.repeat(20_000)}`, /head of more than/],
    ['a body without end', 'RTSP/1.0 200 OK\r\nContent-Length: 999999\r\n\r\n', /body of more than/],
    ['a body of negative length', 'RTSP/1.0 200 OK\r\nContent-Length: -5\r\n\r\n', /body of more than/],
    ['garbage without end', `${answer}${'?'.repeat(400_000)}`, /something else than RTSP/],
  ])('refuses %s', (_what, text, said) => {
    const { take } = createBench()
    expect(() => take(Buffer.from(text), 1000)).toThrow(said)
  })
})

describe('a request', () => {
  it('has no more lines than it is meant to have', () => {
    const text = formatRequest('PLAY', 'rtsp://a/b c\r\nX: 1', { CSeq: '1', Session: 'a\r\nEvil: 1', Range: undefined })
    expect(text).toBe('PLAY rtsp://a/b%20c%20X:%201 RTSP/1.0\r\nCSeq: 1\r\nSession: a Evil: 1\r\n\r\n')
  })

  it('gets answers whose headers have parameters', () => {
    expect([...headerParameters('12; Timeout = 60;x="y"')]).toEqual([
      ['', '12'],
      ['timeout', '60'],
      ['x', 'y'],
    ])
  })
})
