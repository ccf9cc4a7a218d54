import { describe, expect, it } from 'vitest'
import { BadChunk, createChunkedBody } from '../../src/mjpeg/chunked-body.js'

function decode(text: string, size = text.length): { body: string; goesOn: boolean } {
  let body = ''
  let goesOn = true
  const chunked = createChunkedBody((bytes) => {
    body += bytes.toString('latin1')
  })
  const bytes = Buffer.from(text, 'latin1')
  for (let at = 0; at < bytes.length && goesOn; at += size) goesOn = chunked.push(bytes.subarray(at, at + size))
  return { body, goesOn }
}

describe('createChunkedBody', () => {
  it('takes the coding off, whatever the pieces that it comes in', () => {
    const coded = '5\r\nhello\r\n1;name="va;lue"\r\n,\r\n00A\r\n 0\r\nworld\n\r\n0\r\nTrailer: x\r\n\r\n'
    for (const size of [coded.length, 7, 2, 1])
      expect(decode(coded, size)).toEqual({ body: 'hello, 0\r\nworld\n', goesOn: false })
    expect(decode(coded.replaceAll('\r\n', '\n').replace('00A', '009'))).toEqual({ body: 'hello, 0\nworld\n', goesOn: false })
  })

  it('says that it goes on before the last chunk has come', () => {
    expect(decode('5\r\nhello\r\n')).toEqual({ body: 'hello', goesOn: true })
    expect(decode('5\r\nhe')).toEqual({ body: 'he', goesOn: true })
  })

  it.each(['--frame\r\n', '-1\r\n', '0x10\r\n', '123456789\r\n', `${'1'.repeat(5000)}`])('refuses %j', (text) => {
    expect(() => decode(text)).toThrow(BadChunk)
  })
})
