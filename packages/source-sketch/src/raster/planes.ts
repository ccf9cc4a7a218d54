/** Samples of one component, row by row; the stride is the width. */
export interface Plane {
  readonly data: Uint8Array
  readonly stride: number
  readonly height: number
}

/** A picture in full-range BT.601 YCbCr 4:2:0, as JFIF wants it: what is painted goes into the encoder without a conversion. */
export interface Planes {
  readonly luma: Plane
  readonly cb: Plane
  readonly cr: Plane
}

/** A colour, each component from 0 to 255. */
export interface Color {
  readonly y: number
  readonly cb: number
  readonly cr: number
}

function createPlane(stride: number, height: number): Plane {
  return { data: new Uint8Array(stride * height), stride, height }
}

/** Planes for a picture of this size, rounded up to multiples of 16. */
export function createPlanes(width: number, height: number): Planes {
  const stride = Math.ceil(width / 16) * 16
  const rows = Math.ceil(height / 16) * 16
  return {
    luma: createPlane(stride, rows),
    cb: createPlane(stride / 2, rows / 2),
    cr: createPlane(stride / 2, rows / 2),
  }
}

/** The colour of a `#rrggbb`. */
export function parseColor(hex: string): Color {
  const rgb = Number.parseInt(hex.slice(1), 16)
  const red = rgb >> 16
  const green = (rgb >> 8) & 255
  const blue = rgb & 255
  const y = 0.299 * red + 0.587 * green + 0.114 * blue
  return { y, cb: 128 + (blue - y) * 0.564, cr: 128 + (red - y) * 0.713 }
}

/** The colour `share` of the way from `a` to `b`. */
export function mix(a: Color, b: Color, share: number): Color {
  return { y: a.y + (b.y - a.y) * share, cb: a.cb + (b.cb - a.cb) * share, cr: a.cr + (b.cr - a.cr) * share }
}

function fillPlane(
  { data, stride, height }: Plane,
  left: number,
  top: number,
  right: number,
  bottom: number,
  value: number,
): void {
  const from = Math.max(0, left)
  const to = Math.min(stride, right)
  for (let y = Math.max(0, top); y < Math.min(height, bottom); y++)
    data.fill(Math.round(value), y * stride + from, y * stride + to)
}

/** Fills a rectangle whose edges are even. */
export function fillRectangle(
  planes: Planes,
  left: number,
  top: number,
  right: number,
  bottom: number,
  { y, cb, cr }: Color,
): void {
  fillPlane(planes.luma, left, top, right, bottom, y)
  fillPlane(planes.cb, left >> 1, top >> 1, right >> 1, bottom >> 1, cb)
  fillPlane(planes.cr, left >> 1, top >> 1, right >> 1, bottom >> 1, cr)
}

function copyPlane(from: Plane, to: Plane, left: number, top: number, x: number, y: number, width: number, height: number): void {
  for (let row = 0; row < height; row++) {
    const at = (top + row) * from.stride + left
    to.data.set(from.data.subarray(at, at + width), (y + row) * to.stride + x)
  }
}

/** Copies a rectangle, all of whose numbers are even, that lies within both pictures. */
export function copyRectangle(
  from: Planes,
  to: Planes,
  area: {
    readonly left: number
    readonly top: number
    readonly x: number
    readonly y: number
    readonly width: number
    readonly height: number
  },
): void {
  const { left, top, x, y, width, height } = area
  copyPlane(from.luma, to.luma, left, top, x, y, width, height)
  for (const name of ['cb', 'cr'] as const) {
    copyPlane(from[name], to[name], left >> 1, top >> 1, x >> 1, y >> 1, width >> 1, height >> 1)
  }
}
