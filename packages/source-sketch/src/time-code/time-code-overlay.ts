import { createOverlay, type Overlay } from '../raster/overlay.js'
import { fillRectangle, type Planes } from '../raster/planes.js'
import { cellShades } from './draw-time-code.js'
import { encodeTime } from './time-code-bits.js'
import { gridColumns, type TimeCodeArea } from './time-code-layout.js'

export interface TimeCodeOverlay {
  readonly overlay: Overlay
  /** Shows this time, in whole ms since the epoch; only the cells that differ are drawn anew. */
  show(time: number): void
}

const grey = (y: number): { y: number; cb: number; cr: number } => ({ y, cb: 128, cr: 128 })

/** The time code over a canvas: the same label that `drawTimeCode` draws. */
export function createTimeCodeOverlay(
  canvas: Planes,
  code: TimeCodeArea,
  onChanged: (left: number, top: number, right: number, bottom: number) => void,
): TimeCodeOverlay {
  const { left, top, cell } = code
  const overlay = createOverlay(canvas, { left, top, right: left + code.width, bottom: top + code.height })
  const { area, planes } = overlay
  let shown: Uint8Array = new Uint8Array(0)

  function fill(x: number, y: number, width: number, height: number, shade: number): void {
    fillRectangle(planes, x - area.left, y - area.top, x + width - area.left, y + height - area.top, grey(shade))
  }

  return {
    overlay,
    show(time) {
      // Every stroke that goes under the label wipes it out: draw all of it again.
      if (overlay.refresh() !== undefined) {
        fill(left, top, code.width, code.height, cellShades.white)
        onChanged(area.left, area.top, area.right, area.bottom)
        shown = new Uint8Array(0)
      }
      const bits = encodeTime(time)
      bits.forEach((bit, index) => {
        if (bit === shown[index]) return
        const x = left + (1 + (index % gridColumns)) * cell
        const y = top + (1 + Math.floor(index / gridColumns)) * cell
        fill(x, y, cell, cell, bit === 1 ? cellShades.black : cellShades.white)
        onChanged(x, y, x + cell, y + cell)
      })
      shown = bits
    },
  }
}
