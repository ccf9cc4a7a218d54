/**
 * The payload of a NAL unit as the standards' syntax tables see it: without the bytes that keep start codes from appearing in it (H.264 and H.265, 7.3.1.1).
 * @param from the length of the NAL unit's header.
 * @param maxBytes at most so many bytes of the payload are wanted.
 * @returns a copy.
 */
export function unescapePayload(unit: Uint8Array, from: number, maxBytes = 1024): Uint8Array {
  const payload = new Uint8Array(Math.min(maxBytes, Math.max(0, unit.length - from)))
  let length = 0
  let zeros = 0
  for (let index = from; index < unit.length && length < payload.length; index++) {
    const byte = unit[index] as number
    if (zeros >= 2 && byte === 3) {
      zeros = 0
      continue
    }
    zeros = byte === 0 ? zeros + 1 : 0
    payload[length++] = byte
  }
  return payload.subarray(0, length)
}

/** Reads the fields of a parameter set or slice header, most significant bit first. Every method throws RangeError where the payload ends too early. */
export function createBitReader(payload: Uint8Array) {
  let position = 0

  function bit(): number {
    const byte = payload[position >> 3]
    if (byte === undefined) throw new RangeError('The NAL unit ends too early')
    return (byte >> (7 - (position++ & 7))) & 1
  }

  function bits(count: number): number {
    let value = 0
    for (let index = 0; index < count; index++) value = value * 2 + bit()
    return value
  }

  /** ue(v): an unsigned number in Exp-Golomb code. */
  function unsigned(): number {
    let zeros = 0
    while (bit() === 0) {
      zeros += 1
      if (zeros > 32) throw new RangeError('The NAL unit has a number of more than 32 bits')
    }
    return 2 ** zeros - 1 + bits(zeros)
  }

  return {
    bits,
    unsigned,
    flag: (): boolean => bit() === 1,
    skip(count: number): void {
      position += count
    },
    /** se(v): a signed number in Exp-Golomb code. */
    signed(): number {
      const code = unsigned()
      return code % 2 === 1 ? (code + 1) / 2 : -code / 2
    },
  }
}

export type BitReader = ReturnType<typeof createBitReader>
