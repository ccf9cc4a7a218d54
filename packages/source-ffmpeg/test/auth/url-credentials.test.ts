import { describe, expect, it } from 'vitest'
import { splitCredentials } from '../../src/auth/url-credentials.js'

describe('splitCredentials', () => {
  it.each([
    ['rtsp://admin:s3cret@10.0.0.7:554/live?x=1@2', 'rtsp://10.0.0.7:554/live?x=1@2', 'admin', 's3cret'],
    ['http://admin:p@ss:w%2Frd@[fe80::1]/', 'http://[fe80::1]/', 'admin', 'p@ss:w/rd'],
    ['https://admin@camera/', 'https://camera/', 'admin', ''],
    ['http://j%C3%B6rg:100%@camera', 'http://camera', 'jörg', '100%'],
    ['http://:only@camera', 'http://camera', '', 'only'],
  ])('takes them out of %s', (input, url, username, password) => {
    expect(splitCredentials(input)).toEqual({ url, credentials: { username, password } })
  })

  it.each([
    ['http://camera/a@b', 'http://camera/a@b'],
    ['http://@camera/', 'http://camera/'],
    ['./file@home', './file@home'],
  ])('finds none in %s', (input, url) => {
    expect(splitCredentials(input)).toEqual({ url, credentials: undefined })
  })
})
