import {
  expectBoolean,
  expectHttpUrl,
  expectKnownOptions,
  expectNumber,
  expectObject,
  expectOneOf,
  expectPositive,
} from '@snapmint/core/adapter'
import { expectGateway } from './content-uri.js'
import { expectSecret } from './expect-secret.js'
import type { IpfsSinkOptions } from './ipfs-sink-options.js'
import type { Layout } from './local-cid.js'
import { resolvePinningService } from './pinning-service-options.js'

const known = [
  'url',
  'authorization',
  'client',
  'cidVersion',
  'rawLeaves',
  'chunker',
  'verify',
  'gateway',
  'mfsPath',
  'constants',
  'directory',
  'onDirectory',
  'pinningServices',
  'maxInFlight',
  'timeoutMs',
  'fetch',
] as const satisfies readonly (keyof IpfsSinkOptions)[]

const longestTimeoutMs = 2 ** 31 - 1

/** Options checked, defaults filled in. */
export type ResolvedIpfsOptions = ReturnType<typeof resolveIpfsOptions>

/** @throws TypeError or RangeError that names the option. */
export function resolveIpfsOptions(options: IpfsSinkOptions) {
  expectKnownOptions('ipfsSink', options, known)
  expectAccess(options)
  const { url = 'http://127.0.0.1:5001', timeoutMs = 60_000, pinningServices = [], gateway, fetch, verify = true } = options
  const directory = resolveDirectory(options)
  const layout = resolveLayout(options)
  expectDuration('timeoutMs', timeoutMs)
  expectBoolean('verify', verify)
  if (gateway !== undefined) expectGateway(gateway, layout.cidVersion)
  if (fetch !== undefined && typeof fetch !== 'function') throw new TypeError('Expected `fetch` to be a function')
  if (!Array.isArray(pinningServices)) throw new TypeError('Expected `pinningServices` to be an array')
  return {
    url,
    authorization: options.authorization,
    client: options.client,
    layout,
    verify,
    gateway,
    directory,
    onDirectory: options.onDirectory,
    pinningServices: pinningServices.map(resolvePinningService),
    maxInFlight: directory?.maxPictures ?? resolveInFlight(options),
    timeoutMs,
    fetch: fetch ?? globalThis.fetch,
  }
}

function resolveInFlight({ maxInFlight = 8 }: IpfsSinkOptions): number {
  expectNumber('maxInFlight', maxInFlight, { min: 1, integer: true })
  return maxInFlight
}

/** @throws TypeError or RangeError unless `value` is a time that a timer can wait. */
export function expectDuration(name: string, value: number): void {
  expectPositive(name, value)
  expectNumber(name, value, { max: longestTimeoutMs })
}

function expectAccess({ client, url, authorization }: IpfsSinkOptions): void {
  if (url !== undefined) expectHttpUrl('url', url)
  if (authorization !== undefined) expectSecret('authorization', authorization)
  if (client === undefined) return
  expectObject('client', client)
  if (typeof client.addAll !== 'function' || typeof client.pin?.ls !== 'function')
    throw new TypeError('Expected `client` to have the methods of IpfsLikeClient, as `create()` of kubo-rpc-client answers')
  if (url !== undefined || authorization !== undefined)
    throw new TypeError('Give `url` and `authorization` to the `client`: the sink cannot do it')
}

function resolveLayout({ cidVersion = 1, rawLeaves = cidVersion === 1, chunker = 'size-262144' }: IpfsSinkOptions): Layout {
  expectOneOf('cidVersion', cidVersion, [0, 1])
  expectBoolean('rawLeaves', rawLeaves)
  if (cidVersion === 0 && rawLeaves)
    throw new TypeError('`cidVersion: 0` has no raw leaves: leave `rawLeaves` out, or use `cidVersion: 1`')
  const size = /^size-([1-9]\d*)$/.exec(chunker)?.[1]
  if (size === undefined)
    throw new TypeError(
      `Expected \`chunker\` to be size-<bytes>, such as size-262144, got \`${String(chunker)}\`: others are not computed here`,
    )
  expectNumber('the bytes of `chunker`', Number(size), { max: 2 ** 20 })
  return { cidVersion, rawLeaves, chunkBytes: Number(size) }
}

function resolveDirectory({ directory, onDirectory, maxInFlight }: IpfsSinkOptions) {
  if (directory === undefined) {
    if (onDirectory !== undefined) throw new TypeError('`onDirectory` hears of folders: give `directory`, too')
    return undefined
  }
  expectKnownOptions('directory of ipfsSink', directory, ['maxPictures', 'maxWaitMs'])
  const { maxPictures = 32, maxWaitMs = 1000 } = directory
  expectNumber('directory.maxPictures', maxPictures, { min: 1, max: 1000, integer: true })
  expectDuration('directory.maxWaitMs', maxWaitMs)
  if (onDirectory !== undefined && typeof onDirectory !== 'function')
    throw new TypeError('Expected `onDirectory` to be a function')
  if (maxInFlight !== undefined)
    throw new TypeError('With `directory`, as many puts run at the same time as it has pictures: leave `maxInFlight` out')
  return { maxPictures, maxWaitMs }
}
