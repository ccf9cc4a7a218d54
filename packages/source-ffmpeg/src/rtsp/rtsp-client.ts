import type { Credentials } from '../auth/url-credentials.js'
import { createAuthorization } from './authorization.js'
import { type ConnectionOptions, openConnection, type RtspConnection } from './rtsp-connection.js'
import type { RtspResponse } from './rtsp-message.js'

/** One request is sent at most so often: without authorization, with it, and with a fresh nonce. */
const maxAttempts = 3

export interface RtspClientOptions extends ConnectionOptions {
  readonly credentials: Credentials | undefined
}

/** A control connection that answers challenges and keeps the session's name. */
export interface RtspClient extends RtspConnection {
  /** Rejects where there is no answer. */
  ask(method: string, url: string, headers?: Readonly<Record<string, string>>): Promise<RtspResponse>
  useSession(session: string): void
  hasSession(): boolean
  /** Whether the server said that it knows this method. */
  supports(method: string): boolean
  /** Says that the server does not know this method after all. */
  forget(method: string): void
  /** Ends the session, and waits at most so long for the answer. */
  leave(url: string, waitMs: number): Promise<void>
}

/** Opens a control connection. */
export function createRtspClient(options: RtspClientOptions): RtspClient {
  const authorization = createAuthorization(options.credentials)
  const connection = openConnection(options)
  let session: string | undefined
  let methods: readonly string[] = []

  async function ask(method: string, url: string, headers: Readonly<Record<string, string>> = {}): Promise<RtspResponse> {
    await connection.opened
    for (let attempt = 1; ; attempt++) {
      const header = authorization.header(method, url)
      const response = await connection.request(method, url, { Session: session, Authorization: header, ...headers })
      methods = response.headers.get('public')?.flatMap((text) => text.toUpperCase().split(/[\s,]+/)) ?? methods
      if (response.status !== 401) {
        if (header !== undefined) authorization.accept()
        return response
      }
      const again = authorization.challenge(response.headers.get('www-authenticate') ?? [], header !== undefined)
      if (!again || attempt >= maxAttempts) return response
    }
  }

  return {
    ...connection,
    ask,
    useSession(value) {
      session = value === '' ? undefined : value
    },
    hasSession: () => session !== undefined,
    supports: (method) => methods.includes(method),
    forget(method) {
      methods = methods.filter((known) => known !== method)
    },
    async leave(url, waitMs) {
      let timer: NodeJS.Timeout | undefined
      const patience = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, waitMs)
      })
      await Promise.race([ask('TEARDOWN', url).catch(() => {}), patience])
      clearTimeout(timer)
    },
  }
}
