/**
 * Joins two streams that belong together but arrive in any order and in any pieces: concatenated packets, and an index that gives the size of each.
 * Calls `onPacket` for each packet that is complete, in order, with bytes of its own.
 */
export function createPacketPairing<Entry extends { readonly byteLength: number }>(
  onPacket: (entry: Entry, data: Uint8Array<ArrayBuffer>) => void,
) {
  const entries: Entry[] = []
  const chunks: Uint8Array[] = []
  let pendingBytes = 0

  function take(byteLength: number): Uint8Array<ArrayBuffer> {
    const data = new Uint8Array(byteLength)
    let filled = 0
    while (filled < byteLength) {
      const chunk = chunks[0] as Uint8Array
      const part = chunk.subarray(0, byteLength - filled)
      data.set(part, filled)
      filled += part.byteLength
      if (part.byteLength === chunk.byteLength) chunks.shift()
      else chunks[0] = chunk.subarray(part.byteLength)
    }
    pendingBytes -= byteLength
    return data
  }

  function deliver(): void {
    for (let entry = entries[0]; entry !== undefined && entry.byteLength <= pendingBytes; entry = entries[0]) {
      entries.shift()
      onPacket(entry, take(entry.byteLength))
    }
  }

  return {
    pushBytes(chunk: Uint8Array): void {
      if (chunk.byteLength === 0) return
      chunks.push(chunk)
      pendingBytes += chunk.byteLength
      deliver()
    },
    pushEntry(entry: Entry): void {
      entries.push(entry)
      deliver()
    },
    /** Bytes that wait for their index entry, or for the rest of their packet. */
    pendingBytes: () => pendingBytes,
    /** Index entries that wait for their bytes. */
    pendingEntries: () => entries.length,
  }
}
