import { describe, expect, it } from 'vitest'
import type { IpfsLikeClient } from '../src/ipfs-client.js'
import { ipfsSink } from '../src/ipfs-sink.js'
import type { IpfsSinkOptions, PinningServiceOptions } from '../src/ipfs-sink-options.js'

const client = { addAll: () => {}, pin: { ls: () => {} } } as unknown as IpfsLikeClient
const service = { endpoint: 'https://pins.example/psa', token: 'secret' }
const withService = (fields: Partial<PinningServiceOptions>) => ({ pinningServices: [{ ...service, ...fields }] })

const wrong: readonly (readonly [string, object, RegExp])[] = [
  ['an unknown option', { gatway: 'x' }, /Unknown option `gatway`/],
  ['a URL of another kind', { url: '/ip4/127.0.0.1/tcp/5001' }, /`url` to be a URL/],
  ['a header that cannot be sent', { authorization: 'Bearer x\ny' }, /`authorization`/],
  ['a client without the methods', { client: { add() {} } }, /IpfsLikeClient/],
  ['a client and an address', { client, url: 'http://127.0.0.1:5001' }, /Give `url` and `authorization` to the `client`/],
  ['an unknown version', { cidVersion: 2 }, /`cidVersion`/],
  ['raw leaves where there are none', { cidVersion: 0, rawLeaves: true }, /no raw leaves/],
  ['a chunker that is not computed here', { chunker: 'rabin-1-2-3' }, /`chunker`/],
  ['blocks that nodes do not exchange', { chunker: 'size-2000000' }, /`chunker`/],
  ['a switch that is none', { verify: 'yes' }, /`verify`/],
  ['a gateway without a scheme', { gateway: 'ipfs.io' }, /`gateway`/],
  ['a gateway with another placeholder', { gateway: 'https://{root}.example' }, /\{cid\}/],
  ['a host of upper and lower case', { cidVersion: 0, gateway: 'https://{cid}.ipfs.example' }, /path of `gateway`/],
  ['a path with an unknown placeholder', { mfsPath: '/x/{nope}' }, /\{nope\}/],
  ['a path that leads outside', { mfsPath: '/x/../{key}' }, /`mfsPath`/],
  ['a path that is content', { mfsPath: '/ipfs/{key}' }, /\/ipfs or \/ipns/],
  ['a folder of no pictures', { directory: { maxPictures: 0 } }, /`directory.maxPictures`/],
  ['a folder that waits for no time', { directory: { maxWaitMs: 0 } }, /`directory.maxWaitMs`/],
  ['an unknown option of folders', { directory: { size: 1 } }, /Unknown option `size`/],
  ['a listener without folders', { onDirectory() {} }, /give `directory`/],
  ['two numbers for one thing', { directory: {}, maxInFlight: 3 }, /leave `maxInFlight` out/],
  ['no puts at all', { maxInFlight: 0 }, /`maxInFlight`/],
  ['a time that no timer can wait', { timeoutMs: 2 ** 31 }, /`timeoutMs`/],
  ['services that are no list', { pinningServices: service }, /`pinningServices` to be an array/],
  ['a service without a token', { pinningServices: [{ endpoint: service.endpoint }] }, /one of `pinningServices\[0\].token`/],
  ['a service with two tokens', withService({ tokenEnv: 'X' }), /one of/],
  ['a service elsewhere than on the web', withService({ endpoint: 'ftp://x' }), /endpoint/],
  ['a service that is asked without end', withService({ pollMs: 0 }), /pollMs/],
  ['repins that are no number', withService({ maxRepins: -1 }), /maxRepins/],
  ['a fetch that is none', { fetch: 'node' }, /`fetch`/],
]

describe('options of ipfsSink', () => {
  it.each(wrong)('refuse %s at once', (_what, options, message) => {
    expect(() => ipfsSink(options as IpfsSinkOptions)).toThrow(message)
  })

  it('never show a secret that they refuse', () => {
    const secret = 'hunter2\n'
    for (const options of [
      { authorization: secret },
      { url: 'http://me:hunter2@node.example' },
      withService({ token: secret }),
      withService({ endpoint: 'https://pins.example/?key=hunter2' }),
    ])
      expect(() => ipfsSink(options)).toThrow(/^(?!.*hunter2)/s)
  })

  it('have defaults for everything', () => {
    expect(ipfsSink({ cidVersion: 0, gateway: 'https://ipfs.example/ipfs/{cid}' })).toMatchObject({ adapter: 'ipfs' })
    expect(ipfsSink()).toMatchObject({ adapter: 'ipfs', maxInFlight: 8 })
    expect(ipfsSink({ directory: {} })).toMatchObject({ maxInFlight: 32 })
    expect(ipfsSink({ directory: { maxPictures: 5 } })).toMatchObject({ maxInFlight: 5 })
  })
})
