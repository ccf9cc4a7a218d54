import { describe, expect, it } from 'vitest'
import { digestCamera } from '../fixtures/camera-server.js'
import { expectFailure, expectPictures, jpeg, openCamera, serve } from '../fixtures/http-camera.js'
import { gapsOf, readFrames } from '../fixtures/read-frames.js'

describe('a camera that gives one picture at a time', () => {
  it('is asked again and again, at the rate that was asked for', async () => {
    let asked = 0
    const { port } = await serve((_request, response) => {
      asked += 1
      response.writeHead(200, { 'content-type': 'image/jpeg' }).end(jpeg)
    })
    const read = await readFrames(openCamera(port, { encode: 'auto', frameRate: 30 }), { max: 5 })
    expectPictures(read, 5)
    expect(asked).toBe(5)
    for (const gap of gapsOf(read.frames).slice(1)) expect(gap).toBeGreaterThan(5)
  })

  it('logs in once for many pictures, and counts the uses of the nonce', async () => {
    const counts: (string | undefined)[] = []
    const { port } = await serve((request, response) => {
      counts.push(/nc=(\w+)/.exec(request.headers.authorization ?? '')?.[1])
      digestCamera({ username: 'admin', password: 's3cret', algorithm: 'MD5' }, (_request, answer) =>
        answer.writeHead(200, { 'content-type': 'image/jpeg' }).end(jpeg),
      )(request, response)
    })
    expectPictures(await readFrames(openCamera(port, { encode: 'auto', frameRate: 30 }, 'admin:s3cret@'), { max: 3 }), 3)
    expect(counts).toEqual([undefined, '00000001', '00000002', '00000003'])
  })

  it('fails when it stops answering with pictures', async () => {
    let asked = 0
    const { port } = await serve((_request, response) => {
      asked += 1
      if (asked < 3) response.writeHead(200, { 'content-type': 'image/jpeg' }).end(jpeg)
      else response.writeHead(503).end()
    })
    const read = await readFrames(openCamera(port, { encode: 'auto', frameRate: 30 }))
    expect(read.frames).toHaveLength(2)
    expectFailure(read, { code: 'SNAPMINT_SOURCE_UNAVAILABLE', retryable: true })
  })

  it('has its broken pictures left out', async () => {
    let asked = 0
    const { port } = await serve((_request, response) => {
      asked += 1
      response.writeHead(200, { 'content-type': 'image/jpeg' }).end(asked % 2 === 0 ? jpeg : jpeg.subarray(0, 500))
    })
    const read = await readFrames(openCamera(port, { encode: 'auto', frameRate: 30 }), { max: 3 })
    expectPictures(read, 3)
    expect(read.notices.join()).toContain('was cut off')
  })
})
