/** An answer of an RTSP server (RFC 2326). */
export interface RtspResponse {
  readonly status: number
  readonly reason: string
  /** By name in lower case; a header may come more than once. */
  readonly headers: ReadonlyMap<string, readonly string[]>
  readonly body: string
}

/** A request that an RTSP server sends. */
export interface RtspServerRequest {
  readonly method: string
  readonly headers: ReadonlyMap<string, readonly string[]>
}

/** More lines than this have a meaning for nobody. */
const maxHeaders = 200

/** The first line and the headers of a message, without the empty line behind them. Undefined for what is no RTSP. */
export function parseHead(head: string): Omit<RtspResponse, 'body'> | RtspServerRequest | undefined {
  const [first = '', ...lines] = head.split('\r\n')
  const headers = new Map<string, string[]>()
  let last: string[] | undefined
  for (const line of lines.slice(0, maxHeaders)) {
    if (/^[ \t]/.test(line) && last !== undefined) {
      last.push(`${last.pop() ?? ''} ${line.trim()}`)
      continue
    }
    const colon = line.indexOf(':')
    if (colon <= 0) continue
    const name = line.slice(0, colon).trim().toLowerCase()
    last = headers.get(name) ?? []
    last.push(line.slice(colon + 1).trim())
    headers.set(name, last)
  }
  const answer = /^RTSP\/\d+\.\d+ +(\d{3})(?: +(.*))?$/.exec(first)
  if (answer !== null) return { status: Number(answer[1]), reason: answer[2] ?? '', headers }
  const request = /^([A-Z_]{3,20}) +\S+ +RTSP\/\d/.exec(first)
  return request === null ? undefined : { method: request[1] as string, headers }
}

/** One request, ready to be sent. Values must have no line breaks. */
export function formatRequest(method: string, url: string, headers: Readonly<Record<string, string | undefined>>): string {
  const lines = Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${oneLine(value)}`]))
  return [`${method} ${oneLine(url).replaceAll(' ', '%20')} RTSP/1.0`, ...lines, '', ''].join('\r\n')
}

const oneLine = (text: string) => text.replaceAll(/[\r\n\0]+/g, ' ')

/** The parameters of a header such as `Session: 12;timeout=60`, by name in lower case; what has no name is under ''. */
export function headerParameters(value: string): ReadonlyMap<string, string> {
  return new Map(
    value.split(';').map((part) => {
      const equals = part.indexOf('=')
      const name = equals < 0 ? '' : part.slice(0, equals).trim().toLowerCase()
      return [
        name,
        part
          .slice(equals + 1)
          .trim()
          .replace(/^"(.*)"$/, '$1'),
      ] as const
    }),
  )
}
