import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'

/** The head of a server's answer. */
export interface Answer {
  /** 0 where it was none of the protocol. */
  readonly status: number
  /** Its `WWW-Authenticate` headers, joined with commas. */
  readonly challenges: string
  /** Its `Location` header. */
  readonly location: string | undefined
}

/** Answers the challenges of a server that wants credentials. @returns undefined when there is no answer. */
export type Authorize = (challenges: string, method: 'GET' | 'DESCRIBE', uri: string) => string | undefined

/**
 * Asks an HTTP server for a resource, and reads the head of its answer only. Redirects are not followed.
 * @param url without credentials.
 */
export async function askHttp(url: URL, authorize: Authorize, signal: AbortSignal): Promise<Answer> {
  const answer = await get(url, signal)
  const authorization = answer.status === 401 ? authorize(answer.challenges, 'GET', url.pathname + url.search) : undefined
  return authorization === undefined ? answer : get(url, signal, authorization)
}

function get(url: URL, signal: AbortSignal, authorization?: string): Promise<Answer> {
  const headers = { 'user-agent': 'snapmint', ...(authorization === undefined ? {} : { authorization }) }
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest
    const request = send(url, { headers, signal, agent: false }, ({ statusCode = 0, headers }: IncomingMessage) => {
      resolve({ status: statusCode, challenges: headers['www-authenticate'] ?? '', location: headers.location })
      request.destroy()
    })
    request.on('error', reject)
    request.end()
  })
}
