import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ipfsSink } from '../src/ipfs-sink.js'
import { createIpfsDouble, type IpfsDouble } from './double/ipfs-double.js'
import { createPinningDouble, type PinningDouble } from './double/pinning-double.js'
import { contextOf, makePicture } from './fixtures/make-picture.js'

let node: IpfsDouble
let service: PinningDouble

beforeEach(async () => {
  node = await createIpfsDouble()
  service = await createPinningDouble()
})

afterEach(() => Promise.all([node.close(), service.close()]))

const phases = [
  'add',
  'pin/ls',
  'id',
  'GET /psa/pins',
  'POST /psa/pins',
  'GET /psa/pins/request%2F0%20%C3%BC',
  'files/stat',
  'files/cp',
] as const
const media = makePicture(1)

describe('a put that is aborted', () => {
  it.each(phases.flatMap((phase) => [[phase, 'alone'] as const, [phase, 'in a folder'] as const]))(
    'during %s, %s, rejects with the reason, asks no further, and succeeds the next time',
    async (phase, how) => {
      const sink = ipfsSink({
        url: node.url,
        verify: true,
        mfsPath: '/snapmint/{key}',
        pinningServices: [{ endpoint: service.endpoint, token: service.token, pollMs: 1 }],
        ...(how === 'alone' ? {} : { directory: { maxPictures: 1, maxWaitMs: 1 } }),
      })
      const controller = new AbortController()
      const reason = new Error('enough')
      node.setFault(({ command }, bodies) => {
        if (command !== phase || bodies.length > 0) return undefined
        controller.abort(reason)
        return 'hang'
      })
      service.control.fault = ({ method, path }) => {
        if (`${method} ${path}` !== phase) return undefined
        controller.abort(reason)
        return 'hang'
      }
      await expect(sink.put(media, contextOf(media, { signal: controller.signal }))).rejects.toBe(reason)
      const asked = () => node.requests.length + service.requests.length
      const before = asked()
      await new Promise((resolve) => setTimeout(resolve, 20))
      expect(asked()).toBe(before)
      node.setFault(undefined)
      service.control.fault = undefined
      const { uri } = await sink.put(media, contextOf(media))
      expect(Buffer.compare(node.read(uri), media.data)).toBe(0)
      expect(service.pins.size).toBe(1)
      expect(node.names.size).toBe(1)
      await sink.close?.()
    },
  )
})
