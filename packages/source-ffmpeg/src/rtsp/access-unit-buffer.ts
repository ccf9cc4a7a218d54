const firstRoomBytes = 128 * 1024
/** The largest picture of an 8K camera is a fraction of it. */
const maxUnitBytes = 16 * 2 ** 20
/** A picture has one NAL unit for each slice; level 6.2 allows 600. */
const maxUnits = 2048

/** Collects the NAL units of one access unit, packet by packet, in memory that is used again for the next. */
export function createAccessUnitBuffer(limitBytes = maxUnitBytes) {
  let bytes = Buffer.allocUnsafeSlow(firstRoomBytes)
  let length = 0
  const starts: number[] = []

  function reserve(more: number): boolean {
    if (length + more > limitBytes) return false
    if (length + more > bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(length + more, bytes.length * 2))
      bytes.copy(larger, 0, 0, length)
      bytes = larger
    }
    return true
  }

  return {
    /** Begins a NAL unit. Returns false, as `append` does, when the access unit would grow beyond all measure. */
    begin(): boolean {
      if (starts.length >= maxUnits) return false
      starts.push(length)
      return true
    },
    append(source: Buffer, start: number, end: number): boolean {
      if (!reserve(end - start)) return false
      source.copy(bytes, length, start, end)
      length += end - start
      return true
    },
    appendByte(value: number): boolean {
      if (!reserve(1)) return false
      bytes[length++] = value
      return true
    },
    /** The NAL units, without start codes; views that are valid until the next change. */
    units(): Uint8Array[] {
      return starts.map((start, index) => bytes.subarray(start, starts[index + 1] ?? length)).filter((unit) => unit.length > 0)
    },
    isEmpty: () => starts.length === 0,
    clear(): void {
      starts.length = 0
      length = 0
    },
  }
}

export type AccessUnitBuffer = ReturnType<typeof createAccessUnitBuffer>
