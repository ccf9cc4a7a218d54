import { afterEach, expect, it } from 'vitest'
import { ffmpegSource } from '../../src/index.js'
import { cameraStreamUri, discoverCameras, withCredentials } from '../../src/onvif/onvif.js'
import { describeWithFfmpeg, startPublisher } from '../fixtures/ffmpeg-tool.js'
import { until } from '../fixtures/processes.js'
import { readFrames } from '../fixtures/read-frames.js'
import { startRtspRelay } from '../fixtures/rtsp-relay.js'
import { probeMatches, startDiscoveryResponder } from './discovery-responder.js'
import { startOnvifCamera } from './onvif-camera.js'

const cleanUps: (() => Promise<unknown>)[] = []
afterEach(async () => {
  await Promise.all(cleanUps.splice(0).map((cleanUp) => cleanUp()))
})

const user = { username: 'front door', password: 'p@ss/w%rd?' }

/** A camera with two streams: RTSP behind the password, ONVIF, discovery. */
async function startWholeCamera() {
  const relay = await startRtspRelay({ guard: { credentials: `${user.username}:${user.password}` } })
  cleanUps.push(relay.close)
  for (const [name, size] of [
    ['main', '640x360'],
    ['sub', '320x180'],
  ] as const) {
    const codec = ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '5', '-threads', '1']
    const output = ['-f', 'rtsp', '-rtsp_transport', 'tcp', `rtsp://127.0.0.1:${relay.port}/${name}`]
    cleanUps.push(startPublisher(['-re', '-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=10`, ...codec, ...output]).stop)
  }
  const profile = (name: string, width: number, height: number) => ({
    ...{ token: `token_${name}`, name, encoding: 'H264', width, height, frameRate: 10 },
    // A camera behind NAT takes another address for its own.
    uri: `rtsp://192.168.1.64:${relay.port}/${name}`,
  })
  const camera = await startOnvifCamera({
    ...user,
    profiles: [profile('main', 640, 360), profile('sub', 320, 180)],
    announced: '192.168.1.64',
  })
  cleanUps.push(camera.close)
  const answer = probeMatches({ id: 'urn:uuid:door', addresses: [`http://192.168.1.64:${camera.port}/onvif/device_service`] })
  const responder = await startDiscoveryResponder(() => [answer])
  cleanUps.push(responder.close)
  await until(() => relay.has('main') && relay.has('sub'), 'both streams were published')
  return { address: `127.0.0.1:${responder.port}` }
}

describeWithFfmpeg('a camera found by ONVIF', () => {
  it.each([
    [undefined, 640, 360],
    ['sub', 320, 180],
  ] as const)('is played by ffmpegSource: profile %s', async (profile, codedWidth, codedHeight) => {
    const { address } = await startWholeCamera()
    const [found] = await discoverCameras({ address, timeoutMs: 500 })
    const { host = '', port, path } = found ?? {}
    const { uri } = await cameraStreamUri({ host, port, path, ...user, ...(profile && { profile }), preserveAddress: true })
    expect(uri).toMatch(/^rtsp:\/\/127\.0\.0\.1:\d+\/(main|sub)$/)
    const read = await readFrames(ffmpegSource({ input: withCredentials(uri, user), encode: 'jpeg' }), { max: 3 })
    expect(read.error).toBeUndefined()
    expect(read.frames).toHaveLength(3)
    expect(read.frames[2]).toMatchObject({ mimeType: 'image/jpeg', codedWidth, codedHeight })
  })

  it('is not played without the password', async () => {
    const { address } = await startWholeCamera()
    const [found] = await discoverCameras({ address, timeoutMs: 500 })
    const { host = '', port } = found ?? {}
    const { uri } = await cameraStreamUri({ host, port, ...user, preserveAddress: true })
    expect((await readFrames(ffmpegSource({ input: uri }), { max: 1 })).error).toMatchObject({
      code: 'SNAPMINT_SOURCE_UNAUTHORIZED',
    })
    const wrong = withCredentials(uri, { ...user, password: 'wr0ng-s3cret' })
    const { error } = await readFrames(ffmpegSource({ input: wrong }), { max: 1 })
    expect(error).toMatchObject({ code: 'SNAPMINT_SOURCE_UNAUTHORIZED' })
    expect(String((error as Error).message)).not.toContain('s3cret')
  })
})
