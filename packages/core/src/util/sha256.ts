/** Lower-case hexadecimal SHA-256, computed off the calling thread: a burst of large pictures must not block it. */
export async function sha256Hex(data: Uint8Array<ArrayBuffer>): Promise<string> {
  return Buffer.from(await crypto.subtle.digest('SHA-256', data)).toString('hex')
}
