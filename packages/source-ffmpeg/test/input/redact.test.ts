import { describe, expect, it } from 'vitest'
import { createRedactor } from '../../src/input/redact.js'

const secrets = ['s3cret', 'admin:', 'tok-1234']

describe('createRedactor', () => {
  it.each([
    ['rtsp://admin:s3cret@10.0.0.7/stream', 'rtsp://***@10.0.0.7/stream'],
    ['http://10.0.0.7/video?user=admin&token=tok-1234', 'http://10.0.0.7/video?***'],
    ['rtsp://admin:p@ss/w?rd@10.0.0.7/stream?token=tok-1234', 'rtsp://***@10.0.0.7/stream?***'],
    ['rtsp://admin:p%40ss@cam/s', 'rtsp://***@cam/s'],
    ['http://cam/s?mail=a@b&token=tok-1234', 'http://***@b?***'],
    ['./video.mp4', './video.mp4'],
  ])('shows %s as %s', (input, label) => {
    expect(createRedactor(input).label).toBe(label)
  })

  it('removes the input from what FFmpeg says, whole or in parts', () => {
    const input = 'rtsp://admin:s3cret@10.0.0.7/stream?token=tok-1234'
    const { redact } = createRedactor(input)
    const text = `${input}: 401; tried rtsp://admin:s3cret@10.0.0.7/stream/track1?token=tok-1234, s3cret, tok-1234; see http://x:y@host/?k=v`
    const clean = redact(text)
    for (const secret of secrets) expect(clean).not.toContain(secret)
    expect(clean).not.toContain('x:y')
    expect(clean).not.toContain('k=v')
    expect(clean).toContain('10.0.0.7')
  })

  it('removes a password that was encoded, in either form', () => {
    const { redact } = createRedactor('rtsp://admin:p%40ss@cam/s')
    expect(redact('wrong: p@ss or p%40ss')).toBe('wrong: *** or ***')
  })

  it('removes headers and keys given as options, and leaves other options', () => {
    const { redact } = createRedactor('http://cam/s', ['-headers', 'Authorization: bearer-9876', '-rtsp_flags', 'prefer_tcp'])
    expect(redact('sent bearer-9876 with prefer_tcp')).toBe('sent *** with prefer_tcp')
  })

  it('leaves the names of files alone', () => {
    expect(createRedactor('a?b@c.mp4').redact('a?b@c.mp4: Invalid data')).toBe('a?b@c.mp4: Invalid data')
  })
})
