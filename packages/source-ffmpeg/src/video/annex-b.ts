/** Precedes each NAL unit in Annex B form (ITU-T H.264 and H.265, annex B). */
export const startCode: Uint8Array = Uint8Array.of(0, 0, 0, 1)

const shortStartCode = Buffer.from([0, 0, 1])

/**
 * The NAL units of a piece of an Annex B stream, without their start codes and without zero bytes behind them.
 * @returns views of `data`: nothing is copied.
 */
export function splitAnnexB(data: Uint8Array): Uint8Array[] {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  const units: Uint8Array[] = []
  let code = bytes.indexOf(shortStartCode)
  while (code >= 0) {
    const start = code + shortStartCode.length
    code = bytes.indexOf(shortStartCode, start)
    let end = code < 0 ? bytes.length : code
    while (end > start && bytes[end - 1] === 0) end--
    if (end > start) units.push(data.subarray(start, end))
  }
  return units
}
