import { gridColumns } from './time-code-layout.js'

const timeBits = 48
const checkBits = 24

/** The latest time that fits: the year 2527. The four bits above are always 0 and serve as further check. */
export const maxTime = 2 ** 44 - 1

/** The first row: no shift of it resembles it. */
export const finderBits: readonly number[] = Array.from('110110001110100101', Number)

/** CRC-24 of OpenPGP (RFC 4880, 6.1) over the six bytes of the time. */
function check(time: number): number {
  let crc = 0xb704ce
  for (let shift = timeBits - 8; shift >= 0; shift -= 8) {
    crc ^= (Math.floor(time / 2 ** shift) & 255) << 16
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x800000 ? ((crc << 1) ^ 0x864cfb) & 0xffffff : crc << 1
  }
  return crc
}

/** All cells of the grid, row by row, finder first; 1 is black. */
export function encodeTime(time: number): Uint8Array {
  const bits = new Uint8Array(gridColumns + timeBits + checkBits)
  bits.set(finderBits)
  for (let n = 0; n < timeBits; n++) bits[gridColumns + n] = Math.floor(time / 2 ** (timeBits - 1 - n)) & 1
  const crc = check(time)
  for (let n = 0; n < checkBits; n++) bits[gridColumns + timeBits + n] = (crc >> (checkBits - 1 - n)) & 1
  return bits
}

/** The time in the cells after the finder, unless its check fails. */
export function decodeTime(bits: Uint8Array): number | undefined {
  let time = 0
  for (let n = 0; n < timeBits; n++) time = time * 2 + bits[n]!
  let crc = 0
  for (let n = 0; n < checkBits; n++) crc = (crc << 1) | bits[timeBits + n]!
  return time <= maxTime && crc === check(time) ? time : undefined
}
