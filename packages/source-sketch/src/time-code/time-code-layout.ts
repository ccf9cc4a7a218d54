/**
 * The time code: a white label with a grid of black and white cells.
 *
 *     quiet border, one cell wide, white, all around
 *     row 0        18 cells: the finder, always the same; its cells also tell how dark black and how bright white came out
 *     rows 1 – 4   72 cells, row by row: 48 bits of time (ms since the epoch, most significant first) and 24 bits of CRC
 *
 * A 1 is black. Place and size follow from the size of the picture alone. Cells are multiples of 8 pixels and the label starts at a multiple of 16, so
 * that the transform blocks of JPEG and H.264 never hold parts of two cells.
 */
export interface TimeCodeArea {
  readonly left: number
  readonly top: number
  /** Edge of a cell, in pixels. */
  readonly cell: number
  /** Size of the label with its quiet border. */
  readonly width: number
  readonly height: number
}

export const gridColumns = 18
export const gridRows = 5

/** The smallest picture that holds a time code. */
export const minTimeCodeSize = { width: 160, height: 120 } as const

const floorTo = (step: number, value: number): number => Math.floor(value / step) * step

/**
 * Where the time code of a picture of this size is: at the bottom left.
 *
 * @throws RangeError if the picture is smaller than 160 × 120.
 */
export function timeCodeArea(width: number, height: number): TimeCodeArea {
  if (!(width >= minTimeCodeSize.width && height >= minTimeCodeSize.height)) {
    throw new RangeError(
      `A picture of ${width} × ${height} is too small for a time code: it needs at least ${minTimeCodeSize.width} × ${minTimeCodeSize.height} pixels`,
    )
  }
  const cell = Math.max(8, floorTo(8, Math.min(width, (height * 16) / 9) / 80))
  const area = { cell, width: (gridColumns + 2) * cell, height: (gridRows + 2) * cell }
  const left = Math.min(floorTo(16, cell), floorTo(16, width - area.width))
  return { ...area, left, top: floorTo(16, height - area.height - cell) }
}
