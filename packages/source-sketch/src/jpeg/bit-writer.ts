/** Writes the bits of entropy-coded data, most significant first, with a zero stuffed after each byte 0xff. */
export interface BitWriter {
  begin(): void
  /** Writes the lowest `count` bits, at most 16. */
  put(value: number, count: number): void
  /** Fills the last byte with ones. The view is borrowed until the next `begin()`. */
  end(): Uint8Array
}

/** @param capacity the most bytes between `begin()` and `end()`. */
export function createBitWriter(capacity: number): BitWriter {
  const output = new Uint8Array(capacity)
  let length = 0
  let bits = 0
  let bitCount = 0

  function put(value: number, count: number): void {
    bits = (bits << count) | value
    bitCount += count
    while (bitCount >= 8) {
      bitCount -= 8
      const byte = (bits >>> bitCount) & 255
      output[length++] = byte
      if (byte === 255) output[length++] = 0
    }
    // Keeps the accumulator small enough for the next 16 bits.
    bits &= (1 << bitCount) - 1
  }

  return {
    begin() {
      length = 0
      bits = 0
      bitCount = 0
    },
    put,
    end() {
      if (bitCount > 0) put((1 << (8 - bitCount)) - 1, 8 - bitCount)
      return output.subarray(0, length)
    },
  }
}
