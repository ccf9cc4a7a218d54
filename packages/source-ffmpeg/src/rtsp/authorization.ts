import { authorization, isStale } from '../auth/http-digest.js'
import type { Credentials } from '../auth/url-credentials.js'

/** Answers a server that wants to know who asks, over the requests of one session. Says nothing before it is asked. */
export function createAuthorization(credentials: Credentials | undefined) {
  let challenges: readonly string[] | undefined
  let nonceCount = 0
  let accepted = false

  return {
    /** The header's value for one request; undefined as long as nobody asked, or asked in a way that is not known. */
    header(method: string, uri: string): string | undefined {
      if (credentials === undefined || challenges === undefined) return undefined
      nonceCount += 1
      return authorization({ challenges, method, uri, credentials, nonceCount })
    },
    /** Says that the server took the last answer: what it refuses later is a worn-out nonce. */
    accept(): void {
      accepted = true
    },
    /**
     * Takes the challenges of a 401 answer.
     * @param answered whether the refused request had an authorization.
     * @returns whether the same request may succeed now.
     */
    challenge(next: readonly string[], answered: boolean): boolean {
      const again = credentials !== undefined && next.length > 0 && (!answered || accepted || isStale(next))
      challenges = next
      nonceCount = 0
      accepted = false
      return again
    },
  }
}
