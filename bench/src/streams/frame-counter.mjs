/*
 * Every picture of the test streams carries its number, so that the one that is missing can be told: an SEI message of user data in H.264 (ITU-T H.264, D.1.7), a
 * comment segment in JPEG. The digits are text: no byte of them needs emulation prevention.
 */

const mark = Buffer.from('snapmint-counter', 'latin1')
const digits = 8

/** @param {number} value */
const text = (value) => value.toString(16).padStart(digits, '0')

/** A NAL unit, without a start code: SEI, user_data_unregistered with `mark` as its UUID. */
export const counterNal = () =>
  Buffer.concat([Buffer.from([0x06, 0x05, mark.length + digits]), mark, Buffer.from(text(0)), Buffer.from([0x80])])

/** A COM segment. */
export const counterSegment = () =>
  Buffer.concat([Buffer.from([0xff, 0xfe, 0, 2 + mark.length + digits]), mark, Buffer.from(text(0))])

/**
 * Where the digits are in `bytes`, or -1.
 * @param {Buffer} bytes
 */
export function counterOffset(bytes) {
  const at = bytes.indexOf(mark)
  return at < 0 ? -1 : at + mark.length
}

/**
 * @param {Buffer} bytes
 * @param {number} at
 * @param {number} value
 */
export function writeCounter(bytes, at, value) {
  bytes.write(text(value), at, 'latin1')
}

/**
 * The number of a picture, or undefined.
 * @param {Uint8Array} data
 */
export function readCounter(data) {
  const bytes = Buffer.from(data.buffer, data.byteOffset, Math.min(data.byteLength, 4096))
  const at = counterOffset(bytes)
  return at < 0 ? undefined : Number.parseInt(bytes.toString('latin1', at, at + digits), 16)
}
