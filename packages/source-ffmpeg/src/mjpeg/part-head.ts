/** Heads of cameras are a few lines; one that is longer is none. In bytes. */
export const maxHeadBytes = 16 * 1024

/** Fields of a part by their name in lower case; the first of several counts. */
export type Head = ReadonlyMap<string, string>

export function parseHead(text: string): Head {
  const fields = new Map<string, string>()
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':')
    if (colon <= 0) continue
    const name = line.slice(0, colon).trim().toLowerCase()
    if (!fields.has(name)) fields.set(name, line.slice(colon + 1).trim())
  }
  return fields
}

/** The part's size in bytes; undefined where it does not say, or nothing sensible. */
export function contentLength(fields: Head): number | undefined {
  const text = fields.get('content-length')
  return text !== undefined && /^\d{1,15}$/.test(text) && Number(text) > 0 ? Number(text) : undefined
}

/** Whether the part calls itself a picture, or nothing at all. */
export const isImage = (fields: Head) => /^$|^image\//i.test(fields.get('content-type') ?? '')

/** The boundary that a `Content-Type` announces, bare: without quotes, and without the hyphens that some cameras put in front of it. */
export function announcedBoundary(contentType: string): string | undefined {
  const [, quoted, token] = /;\s*boundary\s*=\s*(?:"([^"]*)"|([^\s;]+))/i.exec(contentType) ?? []
  return bareBoundary((quoted ?? token ?? '').trim())
}

export function bareBoundary(text: string): string | undefined {
  const bare = text.replace(/^-+/, '')
  // Longer than the 70 characters of RFC 2046 it may be, but not endless.
  return bare.length > 0 && bare.length <= 200 ? bare : undefined
}
