import { createServer } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { type CameraStreamUriOptions, cameraStreamUri } from '../../src/onvif/onvif.js'
import { type CameraProfileSetup, type OnvifCamera, type OnvifCameraOptions, startOnvifCamera } from './onvif-camera.js'

let camera: OnvifCamera | undefined
afterEach(async () => {
  await camera?.close()
  camera = undefined
})

const user = { username: 'viewer', password: 'gr@y/d4y:1' }
const main: CameraProfileSetup = {
  ...{ token: 'Profile_1', name: 'mainStream', encoding: 'H264', width: 2560, height: 1440, frameRate: 25 },
  uri: 'rtsp://127.0.0.1:554/Streaming/Channels/101?transportmode=unicast&profile=Profile_1',
}
const sub: CameraProfileSetup = {
  ...{ token: '2', name: '640', encoding: 'JPEG', width: 640, height: 360, frameRate: 12.5 },
  uri: 'rtsp://127.0.0.1/2',
}

async function ask(setup: OnvifCameraOptions = {}, options: Partial<CameraStreamUriOptions> = {}) {
  camera = await startOnvifCamera({ ...user, profiles: [main, sub], ...setup })
  return cameraStreamUri({ host: '127.0.0.1', port: camera.port, ...user, timeoutMs: 20_000, ...options })
}

describe('cameraStreamUri', () => {
  it.each(['media', 'media2', 'capabilities'] as const)(
    'finds the profiles of a camera that knows %s, and where they are played from',
    async (generation) => {
      const found = await ask({ generation })
      expect(found.uri).toBe(main.uri)
      expect(found.profiles).toEqual([
        { token: 'Profile_1', name: 'mainStream', codec: 'H264', width: 2560, height: 1440, frameRate: 25, uri: main.uri },
        { token: '2', name: '640', codec: 'JPEG', width: 640, height: 360, frameRate: 12.5, uri: sub.uri },
      ])
      expect(found.profile).toEqual(found.profiles[0])
      expect(Math.abs(found.clockOffsetMs)).toBeLessThan(20_000)
    },
  )

  it.each(['2', '640'])('takes the profile that is asked for, by token or name: %s', async (profile) => {
    expect(await ask({}, { profile })).toMatchObject({ uri: sub.uri, profile: { token: '2' } })
  })

  it('names the profiles there are when there is none of that name', async () => {
    await expect(ask({}, { profile: 'third' })).rejects.toMatchObject({
      code: 'SNAPMINT_SOURCE_NOT_FOUND',
      retryable: false,
      message: expect.stringContaining('"mainStream (Profile_1)", "640 (2)"'),
    })
  })

  it('leaves out profiles without video, and streams that the camera does not give', async () => {
    const sound = { token: 'a', name: 'audio' }
    const mute = { token: 'm', name: 'mute', encoding: 'H265', width: 1, height: 1, frameRate: 1 }
    const found = await ask({ profiles: [sound, mute, sub] })
    expect(found.profiles.map(({ name, uri }) => [name, uri])).toEqual([
      ['mute', undefined],
      ['640', sub.uri],
    ])
    expect(found.uri).toBe(sub.uri)
  })

  it('says so when there is no video at all', async () => {
    await expect(ask({ profiles: [{ token: 'a', name: 'audio' }] })).rejects.toMatchObject({ code: 'SNAPMINT_SOURCE_NOT_FOUND' })
  })

  it('removes credentials that the camera puts into its URI', async () => {
    const found = await ask({ profiles: [{ ...main, uri: 'rtsp://admin:p@ss@127.0.0.1:554/1' }] })
    expect(found.uri).toBe('rtsp://127.0.0.1:554/1')
  })

  it.each(['file://127.0.0.1/etc/passwd', 'concat://127.0.0.1/a|b', 'crypto+file://127.0.0.1/a'])(
    'takes no address from a camera that is not one of a stream: %s',
    async (uri) => {
      const found = await ask({ profiles: [{ ...main, uri }, sub] })
      expect([found.uri, found.profiles[0]?.uri]).toEqual([sub.uri, undefined])
    },
  )

  it('gives the address as the camera does, or the one it was reached by when asked', async () => {
    const away = { ...main, uri: 'rtsp://192.168.1.64:554/1' }
    expect((await ask({ profiles: [away], announced: '192.168.1.64' })).uri).toBe('rtsp://192.168.1.64:554/1')
    await camera?.close()
    const found = await ask({ profiles: [away], announced: '192.168.1.64' }, { preserveAddress: true })
    expect([found.uri, found.profiles[0]?.uri]).toEqual(['rtsp://127.0.0.1:554/1', 'rtsp://127.0.0.1:554/1'])
    await camera?.close()
    expect((await ask({ profiles: [{ ...main, uri: 'rtsp://0.0.0.0:554/1' }] })).uri).toBe('rtsp://127.0.0.1:554/1')
  })

  it.each([-10_800_000, 86_400_000])('asks a camera in its own time when its clock is %d ms off', async (clockOffsetMs) => {
    const found = await ask({ clockOffsetMs })
    expect(found.uri).toBe(main.uri)
    expect(Math.abs(found.clockOffsetMs - clockOffsetMs)).toBeLessThan(20_000)
  })

  it('answers HTTP digest, for cameras that want that', async () => {
    expect((await ask({ authentication: 'digest' })).uri).toBe(main.uri)
  })

  it('asks cameras that want no user', async () => {
    camera = await startOnvifCamera({ profiles: [main] })
    expect((await cameraStreamUri({ host: 'localhost', port: camera.port })).uri).toBe(main.uri)
  })

  it('takes users and tokens with characters of XML', async () => {
    const special = { ...main, token: 'a&amp;b' }
    camera = await startOnvifCamera({ username: 'A&#38;B &#60;x&#62;', password: '<&>', profiles: [special, sub] })
    const found = await cameraStreamUri({ host: '127.0.0.1', port: camera.port, username: 'A&B <x>', password: '<&>' })
    expect(found.profiles.map(({ token }) => token)).toEqual(['a&b', '2'])
  })

  it.each(['token', 'digest'] as const)(
    'says that user or password are wrong (%s), and asks no more after that',
    async (authentication) => {
      for (const wrong of [{ password: 'wr0ng-s3cret' }, { username: 'nobody' }, { username: undefined, password: undefined }]) {
        const error = await ask({ authentication }, wrong).catch((thrown: unknown) => thrown)
        expect(error).toMatchObject({
          code: 'SNAPMINT_SOURCE_UNAUTHORIZED',
          retryable: true,
          retryAfterMs: 30_000,
          adapter: 'onvif',
        })
        expect(camera?.actions.filter((action) => action === 'GetProfiles').length).toBeLessThanOrEqual(2)
        expect(camera?.actions).not.toContain('GetStreamUri')
        await camera?.close()
      }
    },
  )

  it('does not ask an old camera for capabilities with a password that it refused for services', async () => {
    const error = await ask({ generation: 'capabilities' }, { password: 'wrong' }).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'SNAPMINT_SOURCE_UNAUTHORIZED' })
    expect(camera?.actions).not.toContain('GetCapabilities')
  })

  it('sends no password, and puts none into an error, even when the camera repeats it', async () => {
    const intercept: OnvifCameraOptions['intercept'] = ({ action }, response) => {
      if (action !== 'GetProfiles') return false
      const reason = `Sender not Authorized: ${user.password} ${encodeURIComponent(user.password)}`
      const text = `<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body><e:Fault><e:Code><e:Value>e:Sender</e:Value></e:Code><e:Reason><e:Text xml:lang="en">${reason}</e:Text></e:Reason></e:Fault></e:Body></e:Envelope>`
      response.writeHead(400).end(text)
      return true
    }
    const error = (await ask({ intercept }).catch((thrown: unknown) => thrown)) as Error
    expect(error.message).toContain('Sender not Authorized')
    for (const secret of [user.password, encodeURIComponent(user.password)]) {
      expect(`${error.message} ${error.stack} ${JSON.stringify(error)}`).not.toContain(secret)
      expect(camera?.received.join()).not.toContain(secret)
    }
  })

  it.each([
    ['an HTML page', (response) => response.writeHead(200).end('<html><body>Welcome</body></html>')],
    ['no XML', (response) => response.writeHead(200).end('}{')],
    ['nothing', (response) => response.writeHead(200).end()],
    ['another answer', (response) => response.writeHead(200).end('<e:Envelope><e:Body><Other/></e:Body></e:Envelope>')],
    [
      'a fault without a reason',
      (response) => response.writeHead(200).end('<e:Envelope><e:Body><e:Fault/></e:Body></e:Envelope>'),
    ],
    ['more than a megabyte', (response) => response.writeHead(200).end(`<a>${'b'.repeat(3_000_000)}</a>`)],
    ['what is made to keep its reader busy', (response) => response.writeHead(200).end('xmlns'.repeat(200_000))],
    ['404', (response) => response.writeHead(404).end('Not Found')],
  ] satisfies [string, (response: Parameters<NonNullable<OnvifCameraOptions['intercept']>>[1]) => void][])(
    'says that it is no ONVIF camera that answers %s, to any question',
    async (_what, answer) => {
      for (const question of ['GetSystemDateAndTime', 'GetServices', 'GetProfiles']) {
        const intercept: OnvifCameraOptions['intercept'] = ({ action }, response) => {
          // Without services and capabilities there is no finding the rest.
          if (action !== question && !(question === 'GetServices' && action === 'GetCapabilities')) return false
          answer(response)
          return true
        }
        const error = (await ask({ intercept }).catch((thrown: unknown) => thrown)) as { code?: string; adapter?: string }
        expect([error.code, error.adapter], question).toEqual(['SNAPMINT_SOURCE_UNREADABLE', 'onvif'])
        await camera?.close()
      }
    },
  )

  it('reads a long answer, and none that is longer than a megabyte', async () => {
    const long = (length: number) => ask({ profiles: [{ ...main, name: 'x'.repeat(length) }] })
    expect((await long(2 ** 19)).profile.name).toHaveLength(2 ** 19)
    await camera?.close()
    const error = (await long(2 ** 20).catch((thrown: unknown) => thrown)) as { code?: string; message?: string }
    expect(error).toMatchObject({ code: 'SNAPMINT_SOURCE_UNREADABLE', message: expect.stringContaining('too long') })
    await expect.poll(() => camera?.connections()).toBe(0)
  })

  it('takes a camera that answers 503 for one that is starting', async () => {
    const intercept: OnvifCameraOptions['intercept'] = (_request, response) => {
      response.writeHead(503).end('Service Unavailable')
      return true
    }
    await expect(ask({ intercept })).rejects.toMatchObject({ code: 'SNAPMINT_SOURCE_UNAVAILABLE', retryable: true })
  })

  it.each([
    ['says nothing', () => true],
    [
      'sends a byte now and then',
      (_request, response) => {
        response.writeHead(200)
        const timer = setInterval(() => response.write(' '), 20)
        response.on('close', () => clearInterval(timer))
        return true
      },
    ],
  ] satisfies [string, NonNullable<OnvifCameraOptions['intercept']>][])(
    'gives up a camera that %s, and hangs up',
    async (_what, intercept) => {
      await expect(ask({ intercept }, { timeoutMs: 300 })).rejects.toMatchObject({
        code: 'SNAPMINT_SOURCE_UNAVAILABLE',
        retryable: true,
        message: expect.stringContaining('did not answer within 300 ms'),
      })
      await expect.poll(() => camera?.connections()).toBe(0)
    },
  )

  it('gives up at once when aborted, and hangs up', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    const intercept: OnvifCameraOptions['intercept'] = () => {
      controller.abort(reason)
      return true
    }
    await expect(ask({ intercept }, { signal: controller.signal, timeoutMs: 600_000 })).rejects.toBe(reason)
    await expect.poll(() => camera?.connections()).toBe(0)
  })

  it('leaves no connection and no timer open', async () => {
    await ask()
    await expect.poll(() => camera?.connections()).toBe(0)
    const before = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    await cameraStreamUri({ host: '127.0.0.1', port: camera?.port, ...user, timeoutMs: 600_000 })
    expect(process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length).toBeLessThanOrEqual(before)
  })

  it('says that nobody is there', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    await new Promise((resolve) => server.close(resolve))
    await expect(cameraStreamUri({ host: '127.0.0.1', port, ...user })).rejects.toMatchObject({
      code: 'SNAPMINT_SOURCE_UNAVAILABLE',
      retryable: true,
    })
    await expect(cameraStreamUri({ host: 'no-such-camera.invalid', ...user })).rejects.toMatchObject({
      code: 'SNAPMINT_SOURCE_UNAVAILABLE',
    })
  })

  it('says that a camera which is asked for HTTPS speaks none', async () => {
    await expect(ask({}, { secure: true })).rejects.toMatchObject({ code: 'SNAPMINT_SOURCE_UNAVAILABLE' })
  })

  it('checks the certificate of a camera that speaks HTTPS, unless told not to', async () => {
    await expect(ask({ secure: true }, { secure: true })).rejects.toMatchObject({
      code: 'SNAPMINT_SOURCE_UNAVAILABLE',
      message: expect.stringMatching(/self-signed certificate.*rejectUnauthorized/),
    })
    expect(camera?.actions).toEqual([])
    await camera?.close()
    expect((await ask({ secure: true }, { secure: true, rejectUnauthorized: false })).uri).toBe(main.uri)
    await expect.poll(() => camera?.connections()).toBe(0)
  })

  it.each([
    [{ host: '' }, TypeError],
    [{ host: 'http://camera' }, TypeError],
    [{ host: 'user:secret@camera' }, TypeError],
    [{ host: 'camera', port: 0 }, RangeError],
    [{ host: 'camera', path: 'onvif' }, TypeError],
    [{ host: 'camera', path: '/a b' }, TypeError],
    [{ host: 'camera', username: '' }, TypeError],
    [{ host: 'camera', password: 1 }, TypeError],
    [{ host: 'camera', secure: 'yes' }, TypeError],
    [{ host: 'camera', timeoutMs: 5 }, RangeError],
    [{ host: 'camera', signal: 'x' }, TypeError, /`signal`/],
    [{ host: 'camera', user: 'x' }, TypeError],
  ])('refuses %o', async (options, kind, message = /./) => {
    const error = (await cameraStreamUri(options as CameraStreamUriOptions).catch((thrown: unknown) => thrown)) as Error
    expect(error).toBeInstanceOf(kind)
    expect(error.message).toMatch(message)
    expect(error.message).not.toContain('secret')
  })
})
