import { Agent, type AgentOptions } from 'node:http'
import { Agent as SecureAgent } from 'node:https'
import type { Socket } from 'node:net'
import { createHostileXmlCheck } from './hostile-xml.js'
import type { OnvifCamera, OnvifLibrary } from './load-onvif.js'
import { noAnswer, toOnvifError } from './onvif-error.js'

export interface CameraSessionOptions {
  readonly host: string
  readonly port: number
  readonly path: string
  readonly username: string | undefined
  readonly password: string | undefined
  readonly secure: boolean
  readonly rejectUnauthorized: boolean
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

export interface CameraSession {
  /** Makes one request of the library's; rejects with a SnapmintError, or with the signal's reason. */
  ask<T>(
    asked: string,
    request: (camera: OnvifCamera, answer: (error: unknown, data?: T) => void) => void,
  ): Promise<T | undefined>
  /** Closes every connection. Requests that are under way fail. */
  close(): void
}

/** An answer is never longer. The library keeps all of it. */
const maxAnswerBytes = 2 ** 20

/**
 * Talks to one camera. The library waits without an end for one that sends a byte now and then, and cannot be aborted: here all of a session's requests together
 * have `timeoutMs`, and its connections are closed then.
 */
export function openCameraSession({ Cam }: OnvifLibrary, options: CameraSessionOptions): CameraSession {
  const { host, port, path, username, password, secure, rejectUnauthorized, timeoutMs, signal } = options
  const agent = createAgent(secure)
  const camera = new Cam({
    ...{ hostname: host, port, path, timeout: timeoutMs, useSecure: secure, agent, autoconnect: false },
    // It goes into XML as it is.
    ...{ username: username?.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`), password },
    secureOpts: { rejectUnauthorized },
  })
  let status: number | undefined
  camera.on('rawResponse', (_xml: string, code: number | undefined) => {
    status = code
  })
  const secrets = [password ?? '', encodeURIComponent(password ?? '')]
  const label = `${host}:${port}`
  let giveUp: (reason: unknown) => void = () => {}
  const givenUp = new Promise<never>((_, reject) => {
    giveUp = reject
  })
  givenUp.catch(() => {})
  const abort = () => giveUp(signal.reason)
  const timer = setTimeout(() => giveUp(noAnswer), timeoutMs)
  if (signal.aborted) abort()
  else signal.addEventListener('abort', abort)

  return {
    async ask<T>(asked: string, request: (camera: OnvifCamera, answer: (error: unknown, data?: T) => void) => void) {
      status = undefined
      const answered = new Promise<T | undefined>((resolve, reject) => {
        // The library has `false` for no error, in places.
        request(camera, (error, data) => (error ? reject(error) : resolve(data)))
      })
      try {
        return await Promise.race([answered, givenUp])
      } catch (thrown) {
        signal.throwIfAborted()
        throw toOnvifError(thrown, { asked, label, status, secrets, timeoutMs })
      }
    },
    close() {
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
      agent.close()
    },
  }
}

/** Connections that end after too many bytes, and all when closed, those included that somebody opens later. */
function createAgent(secure: boolean): Agent & { close(): void } {
  const options: AgentOptions = { keepAlive: false }
  const agent = (secure ? new SecureAgent(options) : new Agent(options)) as Agent & {
    createConnection(...all: unknown[]): Socket
  }
  const connect = agent.createConnection.bind(agent)
  let closed = false
  return Object.assign(agent, {
    createConnection(...all: unknown[]): Socket {
      const socket = connect(...all)
      const isHostile = createHostileXmlCheck()
      let bytes = 0
      socket.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        if (bytes > maxAnswerBytes || isHostile(chunk.toString('latin1')))
          socket.destroy(new Error(`its answer is too long (over ${maxAnswerBytes} bytes) or made to keep its reader busy`))
      })
      if (closed) socket.destroy()
      return socket
    },
    close(): void {
      closed = true
      agent.destroy()
    },
  })
}
