import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Callback, XClient, XEvent, XRandr, XScreen } from 'x11'
import { screenError } from '../screen-error.js'
import { xScreenOf } from '../screen-session.js'

/** A connection to an X server, for questions; pictures go another way. */
export interface XServer {
  /** Which screen of which server was asked for: `:0.0`. */
  readonly name: string
  /** The server's X screens; nearly always one, however many monitors there are. */
  readonly screens: readonly XScreen[]
  /** The number of the one that was asked for. */
  readonly screenNumber: number
  readonly client: XClient
  readonly randr: XRandr | undefined
  /**
   * Sends one request.
   * @throws `SNAPMINT_SOURCE_UNAVAILABLE` when the connection is lost meanwhile; the X error when the server refuses.
   */
  ask<T>(send: (callback: Callback<T>) => void): Promise<T>
  /** Calls back for each event that was asked for. */
  onEvent(listener: (event: XEvent) => void): void
  /** Calls back once when the server has gone, or at once if it has; not after `close()`. */
  onLost(listener: (error: Error) => void): void
  /** Idempotent. */
  close(): void
}

/** A server that is silent for so long, in ms, while the connection is made, hangs. */
const openTimeoutMs = 10_000
/** A cookie that is refused is refused again at once; somebody has to act. */
const unauthorizedRetryMs = 10_000

/**
 * Connects to an X server.
 * @param display its name as in the environment variable DISPLAY, which it defaults to.
 * @param timeoutMs how long the server may be silent while the connection is made.
 * @throws `SNAPMINT_SOURCE_NOT_FOUND` (no DISPLAY), `SNAPMINT_SOURCE_UNAUTHORIZED`, `SNAPMINT_SOURCE_UNAVAILABLE`; the signal's reason when aborted.
 */
export async function openXServer(display: string | undefined, signal: AbortSignal, timeoutMs = openTimeoutMs): Promise<XServer> {
  signal.throwIfAborted()
  const name = display ?? process.env.DISPLAY ?? ''
  if (name === '') {
    const message =
      'There is no screen to capture: the environment variable DISPLAY is not set. Set it to the X server (in a terminal of the desktop `echo $DISPLAY` shows it, mostly `:0`; ' +
      'a service also needs XAUTHORITY; where there is no desktop start `Xvfb :99` and set DISPLAY=:99), or name the server in the option `display`'
    throw screenError('SNAPMINT_SOURCE_NOT_FOUND', message, { retryable: false })
  }
  await checkAuthority()
  const server = await connect(xScreenOf(name), signal, timeoutMs)
  const close = () => server.close()
  signal.addEventListener('abort', close, { once: true })
  const withSignal: XServer = {
    ...server,
    close() {
      signal.removeEventListener('abort', close)
      server.close()
    },
  }
  if (server.screens[server.screenNumber] !== undefined) return withSignal
  withSignal.close()
  throw screenError(
    'SNAPMINT_SOURCE_NOT_FOUND',
    `The X server has no screen ${server.name}, only ${server.screens.length} in all: correct DISPLAY or \`display\``,
  )
}

/** The library throws out of a callback, where nobody can catch it, when the file with the cookies cannot be read. */
async function checkAuthority(): Promise<void> {
  const file = process.env.XAUTHORITY || join(homedir(), '.Xauthority')
  try {
    await readFile(file)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT') return
    const message = `The file with the X server's cookies, ${file} (environment variable XAUTHORITY), cannot be read: ${code}. Make it readable for this user`
    throw screenError('SNAPMINT_SOURCE_UNAUTHORIZED', message, { retryAfterMs: unauthorizedRetryMs, cause })
  }
}

async function connect(name: string, signal: AbortSignal, timeoutMs: number): Promise<XServer> {
  const { createClient } = await loadX11()
  signal.throwIfAborted()
  const line = createLine(name)
  const opened = line.ask<{ readonly screen: readonly XScreen[] }>((callback) =>
    line.adopt(createClient({ display: name, shm: false }, callback as never)),
  )
  const abort = () => line.fail(signal.reason)
  const timer = setTimeout(() => line.fail(unavailable(name, `it does not answer within ${timeoutMs / 1000} s`)), timeoutMs)
  signal.addEventListener('abort', abort, { once: true })
  try {
    const { screen } = await opened
    const client = line.client()
    // The library keeps one table of atoms for all connections, but a server that was started anew numbers them anew.
    client.atoms = {}
    client.atom_names = {}
    const randr = await line
      .ask<XRandr>((callback) => client.require('randr', callback))
      .catch((error) => {
        if (line.isLost()) throw error
        return undefined
      })
    const screenNumber = Number(/\.(\d+)$/.exec(name)?.[1] ?? 0)
    return {
      name,
      screens: screen,
      screenNumber,
      client,
      randr,
      ask: line.ask,
      onEvent: line.onEvent,
      onLost: line.onLost,
      close: line.close,
    }
  } catch (error) {
    line.close()
    throw signal.aborted ? signal.reason : hangsUp(error) ? unauthorized(name, error) : refused(name, error)
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', abort)
  }
}

/** The library answers nothing any more once the connection is gone: whoever still waits is told here. */
function createLine(name: string) {
  const waiting = new Set<(error: unknown) => void>()
  const lostListeners: ((error: Error) => void)[] = []
  let client: XClient | undefined
  let lost: Error | undefined
  let closed = false

  function rejectAll(error: Error): void {
    for (const reject of waiting) reject(error)
    waiting.clear()
  }

  function fail(reason: unknown): void {
    if (lost !== undefined || closed) return
    lost = reason instanceof Error ? reason : unavailable(name, 'the connection was ended')
    rejectAll(lost)
    for (const listener of lostListeners) listener(lost)
  }

  return {
    adopt(created: XClient): void {
      client = created
      // What the server refuses also comes back to who asked; only the end of the line concerns all.
      created.on('error', (error: Error & { error?: number }) => error.error === undefined && fail(refused(name, error)))
      created.on('end', () => fail(unavailable(name, 'it has ended the connection')))
      created.on('connect', () => closed && created.stream?.destroy())
    },
    client: () => client as XClient,
    isLost: () => lost !== undefined,
    fail,
    ask<T>(send: (callback: Callback<T>) => void): Promise<T> {
      return new Promise((resolve, reject) => {
        if (lost !== undefined || closed) return reject(lost ?? unavailable(name, 'the connection is closed'))
        waiting.add(reject)
        send((error, result) => {
          waiting.delete(reject)
          if (error) reject(error)
          else resolve(result)
          // Tells the library that the error has been seen to.
          return true
        })
      })
    },
    onEvent: (listener: (event: XEvent) => void): void => void client?.on('event', listener),
    onLost(listener: (error: Error) => void): void {
      if (lost === undefined) lostListeners.push(listener)
      else listener(lost)
    },
    close(): void {
      if (closed) return
      closed = true
      rejectAll(unavailable(name, 'the connection is closed'))
      client?.stream?.destroy()
    },
  }
}

/**
 * A server that refuses says why and hangs up; where it is quicker than the last of our greeting, the system reports that instead of its words.
 */
const hangsUp = (error: unknown) => /^(EPIPE|ECONNRESET)$/.test((error as NodeJS.ErrnoException).code ?? '')

function refused(name: string, thrown: unknown): Error {
  const { message = '', code } = thrown as NodeJS.ErrnoException
  if ((thrown as { adapter?: unknown }).adapter === 'screen') return thrown as Error
  if (/auth|no protocol specified|MIT-MAGIC-COOKIE|XDM-AUTH/i.test(message)) return unauthorized(name, thrown)
  return unavailable(name, code === 'EACCES' ? 'this user may not open its socket' : message.trim(), thrown)
}

function unauthorized(name: string, cause: unknown): Error {
  const advice =
    "the environment variable XAUTHORITY has to name a file with its cookie (mostly ~/.Xauthority), or the desktop's user permits it by `xhost +si:localuser:<this user>`"
  const message = `The X server ${name} refuses this program: ${advice}`
  return screenError('SNAPMINT_SOURCE_UNAUTHORIZED', message, { retryAfterMs: unauthorizedRetryMs, cause })
}

function unavailable(name: string, reason: string, cause?: unknown): Error {
  const advice = 'check that it runs, and that DISPLAY or the option `display` names it'
  return screenError('SNAPMINT_SOURCE_UNAVAILABLE', `The X server ${name} cannot be reached: ${reason}; ${advice}`, { cause })
}

async function loadX11(): Promise<typeof import('x11')> {
  const loaded = (await import('x11')) as typeof import('x11') & { default?: typeof import('x11') }
  return loaded.default ?? loaded
}
