export interface Part {
  /** Decoded; empty for a file without a name. */
  readonly path: string
  readonly content: Buffer
}

/** The files of a `multipart/form-data` body, in its order. @throws Error when the body is cut off. */
export function parseMultipart(contentType: string | undefined, body: Buffer): readonly Part[] {
  const boundary = /^multipart\/form-data; boundary="?([^";]+)"?$/.exec(contentType ?? '')?.[1]
  if (boundary === undefined) throw new Error(`not multipart/form-data with a boundary: ${contentType}`)
  const delimiter = `--${boundary}`
  const parts: Part[] = []
  let at = body.indexOf(delimiter)
  for (;;) {
    if (at === -1) throw new Error('multipart: NextPart: EOF')
    const start = at + delimiter.length
    if (body.subarray(start, start + 2).toString() === '--') return parts
    const headersEnd = body.indexOf('\r\n\r\n', start)
    const end = body.indexOf(`\r\n${delimiter}`, headersEnd)
    if (headersEnd === -1 || end === -1) throw new Error('multipart: NextPart: EOF')
    const filename = /filename="([^"]*)"/.exec(body.subarray(start, headersEnd).toString())?.[1] ?? ''
    parts.push({ path: decodeURIComponent(filename), content: body.subarray(headersEnd + 4, end) })
    at = end + 2
  }
}
