import { expectHttpUrl, expectKnownOptions, expectNumber, expectString } from '@snapmint/core/adapter'
import { expectSecret } from './expect-secret.js'
import type { PinningServiceOptions } from './ipfs-sink-options.js'
import { expectDuration } from './resolve-options.js'

const known = [
  'endpoint',
  'token',
  'tokenEnv',
  'name',
  'timeoutMs',
  'requestTimeoutMs',
  'pollMs',
  'maxRepins',
] as const satisfies readonly (keyof PinningServiceOptions)[]

/** Options checked, defaults filled in. */
export type ResolvedPinningService = ReturnType<typeof resolvePinningService>

/** @throws TypeError or RangeError that names the option. */
export function resolvePinningService(options: PinningServiceOptions, index: number) {
  const of = (option: string) => `pinningServices[${index}].${option}`
  expectKnownOptions(`pinningServices[${index}] of ipfsSink`, options, known)
  const { endpoint, token, tokenEnv, timeoutMs = 45_000, requestTimeoutMs = 15_000, pollMs = 500, maxRepins = 2 } = options
  expectHttpUrl(of('endpoint'), endpoint)
  if ((token === undefined) === (tokenEnv === undefined)) throw new TypeError(`Give one of \`${of('token')}\` and \`tokenEnv\``)
  if (tokenEnv !== undefined) expectString(of('tokenEnv'), tokenEnv)
  else if (typeof token !== 'function') expectSecret(of('token'), token)
  const { name = new URL(endpoint).host } = options
  expectString(of('name'), name)
  expectDuration(of('timeoutMs'), timeoutMs)
  expectDuration(of('requestTimeoutMs'), requestTimeoutMs)
  expectDuration(of('pollMs'), pollMs)
  expectNumber(of('maxRepins'), maxRepins, { min: 0, integer: true })
  return { endpoint: endpoint.replace(/\/+$/, ''), token, tokenEnv, name, timeoutMs, requestTimeoutMs, pollMs, maxRepins }
}
