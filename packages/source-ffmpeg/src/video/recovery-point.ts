import { createBitReader, unescapePayload } from './bit-reader.js'
import { withinUnit } from './within-unit.js'

const recoveryPoint = 6
/** Messages behind this many bytes are not looked at: user data may be long, and recovery points come first. */
const maxBytes = 256

/**
 * Finds a recovery point in supplemental enhancement information (ITU-T H.264, D.1.8; H.265, D.2.8).
 * @param headerBytes length of the NAL unit's header.
 * @returns how many pictures later the stream decodes well for who joins here: 0 for at once; undefined where the unit has no recovery point.
 */
export function recoveryPointOf(unit: Uint8Array, headerBytes: number): number | undefined {
  const payload = unescapePayload(unit, headerBytes, maxBytes)
  let position = 0
  function readLong(): number {
    let value = 0
    while (payload[position] === 255) {
      value += 255
      position += 1
    }
    return value + (payload[position++] ?? 0)
  }
  // The last byte is the end mark.
  while (position + 2 < payload.length) {
    const type = readLong()
    const size = readLong()
    if (type === recoveryPoint) return withinUnit(() => createBitReader(payload.subarray(position)).unsigned())
    position += size
  }
  return undefined
}
