import { describe, expect, it } from 'vitest'
import { withCredentials } from '../../src/onvif/onvif.js'

const user = { username: 'viewer', password: 'secret' }

describe('withCredentials', () => {
  it('puts them before the host, percent-encoded', () => {
    expect(withCredentials('rtsp://10.0.0.7/1', user)).toBe('rtsp://viewer:secret@10.0.0.7/1')
    const odd = { username: 'a@b', password: "p:/?#[]@!$&'()*+,;=% ü" }
    const uri = withCredentials('rtsp://10.0.0.7:554/1?a=b@c', odd)
    expect(uri).toBe('rtsp://a%40b:p%3A%2F%3F%23%5B%5D%40%21%24%26%27%28%29%2A%2B%2C%3B%3D%25%20%C3%BC@10.0.0.7:554/1?a=b@c')
    const { username, password, host, search } = new URL(uri)
    expect([decodeURIComponent(username), decodeURIComponent(password), host, search]).toEqual([
      odd.username,
      odd.password,
      '10.0.0.7:554',
      '?a=b@c',
    ])
  })

  it('takes the place of others', () => {
    expect(withCredentials('rtsp://admin:12@34@[fe80::1]:554/1', user)).toBe('rtsp://viewer:secret@[fe80::1]:554/1')
    expect(withCredentials('http://admin@camera', { ...user, password: '' })).toBe('http://viewer:@camera')
  })

  it.each(['', '/dev/video0', 'camera/1', 'rtsp://', 'rtsp:///1', undefined])('refuses %o', (uri) => {
    expect(() => withCredentials(uri as string, user)).toThrow('Expected `uri` to be a URI with a host')
  })

  it('refuses credentials that are none, without repeating them', () => {
    expect(() => withCredentials('rtsp://a/', { ...user, username: '' })).toThrow('`username`')
    expect(() => withCredentials('rtsp://a/', { username: 'x', password: 1234 as never })).toThrow(
      /`password` to be a string, got number$/,
    )
  })
})
