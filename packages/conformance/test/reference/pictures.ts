/**
 * A real JPEG of 8×8 pixels: grey, baseline, one component, with a comment that makes each one different.
 * Tables are the shortest that decode: one quantisation table of ones, DC codes for the categories 0 and 1, an AC table with the end of block only.
 */
export function tinyJpeg(
  comment: string,
  size: { readonly width: number; readonly height: number } = { width: 8, height: 8 },
): Uint8Array<ArrayBuffer> {
  const text = Buffer.from(comment)
  const segment = (marker: number, body: readonly number[]) => [
    0xff,
    marker,
    (body.length + 2) >> 8,
    (body.length + 2) & 0xff,
    ...body,
  ]
  const word = (value: number) => [value >> 8, value & 0xff]
  const oneCode = [1, ...new Array<number>(15).fill(0), 0]
  return Uint8Array.from([
    ...[0xff, 0xd8],
    ...segment(0xfe, [...text]),
    ...segment(0xdb, [0, ...new Array<number>(64).fill(1)]),
    ...segment(0xc0, [8, ...word(size.height), ...word(size.width), 1, 1, 0x11, 0]),
    ...segment(0xc4, [0x00, ...oneCode]),
    ...segment(0xc4, [0x10, ...oneCode]),
    ...segment(0xda, [1, 1, 0x00, 0, 63, 0]),
    // One bit for the DC difference 0, one for the end of the block, the rest filled with ones.
    ...[0b00111111, 0xff, 0xd9],
  ])
}

const startCode = [0, 0, 0, 1]
const nalUnit = (header: number, ...payload: number[]) => [...startCode, header, ...payload]

/** The shape of an H.264 key chunk in Annex B: SPS, PPS, IDR slice. Its payload is not decodable. */
export function annexBKey(number: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from([
    ...nalUnit(0x67, 0x42, 0xc0, 0x1f),
    ...nalUnit(0x68, 0xce, 0x3c),
    ...nalUnit(0x65, 0x88, number & 0x7f, 9),
  ])
}

/** The shape of an H.264 delta chunk: one non-IDR slice. */
export function annexBDelta(number: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(nalUnit(0x41, 0x9a, number & 0x7f, 7))
}
