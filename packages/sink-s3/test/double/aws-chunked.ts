/** A body in the SDK's own framing, for streams: `<length in hex>\r\n<bytes>\r\n` …, `0\r\n`, trailing headers. */
export interface ChunkedBody {
  readonly data: Buffer
  readonly trailers: Readonly<Record<string, string>>
}

/** @throws Error on anything that is not framed as it should be. */
export function decodeAwsChunked(body: Buffer): ChunkedBody {
  const chunks: Buffer[] = []
  let at = 0
  const line = () => {
    const end = body.indexOf('\r\n', at)
    if (end < 0) throw new Error(`aws-chunked: no end of line after byte ${at}`)
    const text = body.subarray(at, end).toString('latin1')
    at = end + 2
    return text
  }
  for (;;) {
    const [length = ''] = line().split(';')
    if (!/^[0-9a-f]+$/i.test(length)) throw new Error(`aws-chunked: ${JSON.stringify(length)} is no length of a chunk`)
    const size = Number.parseInt(length, 16)
    if (size === 0) break
    if (at + size + 2 > body.length) throw new Error('aws-chunked: the last chunk is cut off')
    chunks.push(body.subarray(at, at + size))
    at += size
    if (line() !== '') throw new Error('aws-chunked: a chunk is longer than it says')
  }
  const trailers: Record<string, string> = {}
  for (let text = line(); text !== ''; text = line()) {
    const colon = text.indexOf(':')
    trailers[text.slice(0, colon).trim().toLowerCase()] = text.slice(colon + 1).trim()
  }
  return { data: Buffer.concat(chunks), trailers }
}
