import dgram from 'node:dgram'
import dns from 'node:dns'
import { syncBuiltinESMExports } from 'node:module'
import net from 'node:net'

/*
 * Tests of adapters to cloud services must not reach one, whatever an SDK falls back to when an emulator's variable is missing. Every connection of a process, TLS, HTTP and
 * fetch included, is opened by `net.Socket`; names are resolved by `node:dns`. Both refuse here whatever is not this machine, and note it, so that a test fails even where an
 * SDK swallows the error.
 */

/** A connection or look-up that was refused. */
class NetworkGuardError extends Error {
  override readonly name = 'NetworkGuardError'
  readonly code = 'ENETUNREACH'
}

const loopbackAddress = /^(127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+|0\.0\.0\.0|::)$/

/** Whether `host` can only be this machine. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || loopbackAddress.test(host.replace(/^\[|\]$/g, ''))
}

const refused: string[] = []

/** What was refused since the last call. */
export function takeRefusals(): readonly string[] {
  return refused.splice(0)
}

function refuse(what: string): NetworkGuardError {
  refused.push(what)
  return new NetworkGuardError(`${what} was refused: a test may only talk to this machine`)
}

/** `connect` takes (options), (port, host?), (path) or the list that `net` itself has normalised. */
function hostOf(args: readonly unknown[]): string | undefined {
  const [first, second] = Array.isArray(args[0]) ? (args[0] as unknown[]) : args
  if (typeof first === 'object' && first !== null) {
    const { host, path } = first as { host?: unknown; path?: unknown }
    return typeof path === 'string' || host === undefined || host === null ? undefined : String(host)
  }
  return typeof second === 'string' ? second : undefined
}

type AnyFunction = (this: unknown, ...args: never[]) => unknown

function wrap<Name extends string>(target: Record<Name, unknown>, name: Name, make: (original: AnyFunction) => AnyFunction) {
  target[name] = make(target[name] as AnyFunction)
}

function guardSockets(): void {
  wrap(net.Socket.prototype as unknown as Record<'connect', unknown>, 'connect', (original) => {
    return function (this: unknown, ...args) {
      const host = hostOf(args)
      if (host === undefined || isLoopback(host)) return original.apply(this, args)
      const socket = this as net.Socket
      const error = refuse(`A connection to ${host}`)
      process.nextTick(() => socket.destroy(error))
      return socket
    }
  })
  wrap(dgram.Socket.prototype as unknown as Record<'send', unknown>, 'send', (original) => {
    return function (this: unknown, ...args) {
      // The first argument is the message, which may be a text as well.
      const host = (args as unknown[]).slice(1).findLast((item) => typeof item === 'string')
      if (typeof host === 'string' && !isLoopback(host)) throw refuse(`A datagram to ${host}`)
      return original.apply(this, args)
    }
  })
}

type Refuse = (error: Error, args: readonly unknown[]) => unknown

const callBack: Refuse = (error, args) => void process.nextTick(() => (args.at(-1) as (error: Error) => void)(error))
const reject: Refuse = (error) => Promise.reject(error)

function guardNames(): void {
  const resolvers: readonly (readonly [object, Refuse])[] = [
    [dns, callBack],
    [dns.Resolver.prototype, callBack],
    [dns.promises, reject],
    [dns.promises.Resolver.prototype, reject],
  ]
  const names = Object.keys(dns).filter((name) => /^(lookup|resolve\w*|reverse)$/.test(name))
  for (const [target, answer] of resolvers) {
    for (const name of names.filter((item) => item in target)) {
      wrap(target as Record<string, unknown>, name, (original) => {
        return function (this: unknown, ...args) {
          const [host] = args as unknown[]
          if (typeof host !== 'string' || host === '' || isLoopback(host)) return original.apply(this, args)
          return answer(refuse(`Looking up ${host}`), args)
        }
      })
    }
  }
}

let guarded = false

/** From now on, until the process ends, it can only talk to this machine. Children are not guarded. */
export function guardNetwork(): void {
  if (guarded) return
  guarded = true
  guardSockets()
  guardNames()
  syncBuiltinESMExports()
  // Credentials of the machine are asked at an address of its own: the SDKs shall not even try.
  process.env.AWS_EC2_METADATA_DISABLED = 'true'
  process.env.METADATA_SERVER_DETECTION = 'none'
}
