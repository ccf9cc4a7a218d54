import { Socket } from 'node:dgram'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { discoverCameras } from '../../src/onvif/onvif.js'
import { type DiscoveryResponder, probeMatches, startDiscoveryResponder } from './discovery-responder.js'

let responder: DiscoveryResponder | undefined
afterEach(async () => {
  await responder?.close()
  responder = undefined
})

/** Asks a responder of our own, and nobody else. */
async function discover(answers: readonly (string | Uint8Array)[], timeoutMs = 400) {
  responder = await startDiscoveryResponder(() => answers)
  return discoverCameras({ address: `127.0.0.1:${responder.port}`, timeoutMs })
}

const sockets = () => process.getActiveResourcesInfo().filter((name) => /UDP|Timeout/.test(name)).length

describe('discoverCameras', () => {
  it('finds the cameras that answer, with what they say of themselves', async () => {
    const camera = {
      id: 'urn:uuid:1419d68a-1dd2-11b2-a105-000000000001',
      addresses: ['http://127.0.0.1:8080/onvif/device_service', 'https://127.0.0.1/onvif/device_service'],
      scopes: [
        'onvif://www.onvif.org/type/video_encoder',
        'onvif://www.onvif.org/name/Front%20door',
        'onvif://www.onvif.org/hardware/DS-2CD2032',
        'onvif://www.onvif.org/location/country/',
      ],
    }
    expect(await discover([probeMatches(camera)])).toEqual([
      {
        ...{ id: camera.id, host: '127.0.0.1', port: 8080, path: '/onvif/device_service', secure: false },
        ...{ name: 'Front door', hardware: 'DS-2CD2032', location: 'country/', addresses: camera.addresses },
      },
    ])
  })

  it('asks for both kinds of devices, and asks again, each question with an id of its own', async () => {
    await discover([], 900)
    const questions = responder?.questions ?? []
    expect(questions).toHaveLength(4)
    expect(questions.filter((text) => text.includes('<d:Types>dn:NetworkVideoTransmitter</d:Types>'))).toHaveLength(2)
    expect(new Set(questions.map((text) => /urn:uuid:([\w-]+)/.exec(text)?.[1])).size).toBe(2)
  })

  it('finds cameras by multicast', async () => {
    responder = await startDiscoveryResponder(
      (question) =>
        question.includes('/discovery/Probe<')
          ? [probeMatches({ id: 'urn:uuid:multicast', addresses: ['http://127.0.0.1/onvif/device_service'] })]
          : [],
      { group: true },
    )
    const cameras = await discoverCameras({ localAddress: '127.0.0.1', timeoutMs: 1000 })
    expect(cameras).toContainEqual(expect.objectContaining({ id: 'urn:uuid:multicast', host: '127.0.0.1', port: 80 }))
    expect(responder.questions.length).toBeGreaterThanOrEqual(2)
  })

  it('names a camera once, however often it answers', async () => {
    const answer = probeMatches({ id: 'urn:uuid:a', addresses: ['http://127.0.0.1/onvif/device_service'] })
    const other = probeMatches({ id: 'urn:uuid:b', addresses: ['http://127.0.0.1:81/onvif/device_service'] })
    expect((await discover([answer, answer, other, answer])).map(({ id }) => id)).toEqual(['urn:uuid:a', 'urn:uuid:b'])
  })

  it('prefers, of several answers of a camera, the one that announces the address it comes from', async () => {
    const abroad = probeMatches({ id: 'urn:uuid:a', addresses: ['http://192.168.1.64:8000/onvif/device_service'] })
    const here = probeMatches({ id: 'urn:uuid:a', addresses: ['http://127.0.0.1:8080/onvif/device_service'] })
    expect(await discover([abroad, here])).toMatchObject([{ host: '127.0.0.1', port: 8080 }])
  })

  it('takes the address that answered for one that announces another', async () => {
    const answer = probeMatches({ id: 'urn:uuid:a', addresses: ['http://192.168.1.64:8000/onvif/service'] })
    expect(await discover([answer])).toMatchObject([
      { host: '127.0.0.1', port: 8000, path: '/onvif/service', addresses: ['http://192.168.1.64:8000/onvif/service'] },
    ])
  })

  it('reads several cameras in one message: recorders answer for theirs', async () => {
    const answer = probeMatches(
      { id: 'urn:uuid:a', addresses: ['http://127.0.0.1/a'] },
      { id: 'urn:uuid:b', addresses: ['http://127.0.0.1/b'] },
    )
    expect((await discover([answer])).map(({ path }) => path)).toEqual(['/a', '/b'])
  })

  it('reads a camera without an id, and leaves out what leads nowhere', async () => {
    const nameless = probeMatches({ addresses: ['http://127.0.0.1:82/x'] })
    const nowhere = probeMatches(
      { id: 'urn:uuid:n' },
      { id: 'urn:uuid:m', addresses: ['ftp://127.0.0.1/', 'nonsense', 'http://'] },
    )
    expect((await discover([nowhere, nameless])).map(({ id }) => id)).toEqual(['127.0.0.1:82/x'])
  })

  it.each([
    ['nothing', ''],
    ['no XML', 'HTTP/1.1 400 Bad Request'],
    ['half of an answer', probeMatches({ id: 'urn:uuid:x', addresses: ['http://127.0.0.1/'] }).slice(0, 500)],
    ['another message', probeMatches().replaceAll('ProbeMatches', 'Hello')],
    ['no match', probeMatches()],
    ['an envelope without a body', '<Envelope></Envelope>'],
    ['bytes', new Uint8Array(2000).fill(0xfe)],
    ['much', `<a>${'xmlns'.repeat(12_000)}</a>`],
    ['made to keep its reader busy', 'xmlns'.repeat(6000)],
    ['entities', '<!DOCTYPE a [<!ENTITY b "bbbb">]><Envelope><Body><ProbeMatches>&b;</ProbeMatches></Body></Envelope>'],
  ])('goes on after an answer that is %s', async (_what, garbage) => {
    const good = probeMatches({ id: 'urn:uuid:good', addresses: ['http://127.0.0.1/'] })
    expect((await discover([garbage, good])).map(({ id }) => id)).toEqual(['urn:uuid:good'])
  })

  it('finds none where nobody answers, and leaves nothing open', async () => {
    const before = sockets()
    expect(await discoverCameras({ address: '127.0.0.1:9', timeoutMs: 300 })).toEqual([])
    expect(sockets()).toBeLessThanOrEqual(before)
  })

  it('ends at once when aborted, and leaves nothing open', async () => {
    const before = sockets()
    const controller = new AbortController()
    const reason = new Error('enough')
    const searching = discoverCameras({ localAddress: '127.0.0.1', timeoutMs: 60_000, signal: controller.signal })
    setTimeout(() => controller.abort(reason), 30)
    await expect(searching).rejects.toBe(reason)
    expect(sockets()).toBeLessThanOrEqual(before)
    await expect(discoverCameras({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })

  it('reads an answer of 32 KiB, and none that is longer', async () => {
    const answer = (id: string, length: number) =>
      probeMatches({ id, addresses: ['http://127.0.0.1/'], scopes: ['x'.repeat(length)] })
    const answers = [answer('urn:uuid:short', 31_000), answer('urn:uuid:long', 33_000)]
    expect((await discover(answers)).map(({ id }) => id)).toEqual(['urn:uuid:short'])
  })

  it('reads two thousand answers, and no more: somebody floods', async () => {
    // By hand: of so many at once the system drops some.
    const bind = vi.spyOn(Socket.prototype, 'bind')
    onTestFinished(() => bind.mockRestore())
    const searching = discoverCameras({ address: '127.0.0.1:9', timeoutMs: 1000 })
    await vi.waitFor(() => expect(bind).toHaveBeenCalledTimes(1), { timeout: 20_000 })
    const socket = bind.mock.contexts[0] as Socket
    const send = (text: string) => socket.emit('message', Buffer.from(text), { address: '127.0.0.1' })
    const match = (id: string) => probeMatches({ id, addresses: ['http://127.0.0.1/'] })
    for (let count = 1; count < 2000; count += 1) send('')
    send(match('urn:uuid:last'))
    send(match('urn:uuid:beyond'))
    expect((await searching).map(({ id }) => id)).toEqual(['urn:uuid:last'])
  })

  it('goes on when a network goes between its listing and the question', async () => {
    const gone = vi.spyOn(Socket.prototype, 'setMulticastInterface').mockImplementation(() => {
      throw new Error('setMulticastInterface EINVAL')
    })
    onTestFinished(() => gone.mockRestore())
    await expect(discoverCameras({ localAddress: '127.0.0.1', timeoutMs: 60_000 })).rejects.toMatchObject({
      code: 'SNAPMINT_SOURCE_UNAVAILABLE',
      message: expect.stringContaining('EINVAL'),
    })
  })

  it('says when no network can be asked', async () => {
    await expect(discoverCameras({ localAddress: '198.51.100.7', timeoutMs: 200 })).rejects.toMatchObject({
      code: 'SNAPMINT_SOURCE_UNAVAILABLE',
      retryable: true,
    })
  })

  it.each([
    [{ timeoutMs: 0 }, RangeError],
    [{ localAddress: 'eth0' }, TypeError],
    [{ address: 'camera' }, TypeError],
    [{ address: '10.0.0.1:70000' }, TypeError],
    [{ timeout: 5 } as never, TypeError],
    [{ signal: 'x' } as never, TypeError, /`signal`/],
  ])('refuses %o', async (options, kind, message = /./) => {
    const error = (await discoverCameras(options).catch((thrown: unknown) => thrown)) as Error
    expect(error).toBeInstanceOf(kind)
    expect(error.message).toMatch(message)
  })
})
