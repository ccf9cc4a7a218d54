import { fillRectangle, type Planes } from '../raster/planes.js'
import { createStrokePainter, type OnPainted } from '../raster/stroke-painter.js'
import { createSheet, type Sheet, type SheetOptions } from './sheet.js'

/** A drawing in progress, sheet after sheet. */
export interface Drawing {
  /**
   * Brings the canvas to the state it has after so many milliseconds of drawing. The time never runs backwards. The canvas depends on the
   * times of all calls up to now and on nothing else.
   */
  drawUntil(time: number): void
}

export interface DrawingOptions extends Omit<SheetOptions, 'index'> {
  readonly canvas: Planes
  readonly onPainted: OnPainted
  /** From one sheet to the next, in ms. */
  readonly sheetDurationMs: number
}

/** Shares of a sheet's time: a new sheet is rolled out, drawn on, and looked at. */
const rollOut = 0.02
const finished = 0.93

export function createDrawing({ canvas, onPainted, sheetDurationMs, ...options }: DrawingOptions): Drawing {
  const painter = createStrokePainter(canvas, onPainted)
  const { stride: width, height } = canvas.luma
  let index = -1
  let sheet: Sheet | undefined
  let paperRows = 0
  let strokeIndex = -1

  function rollTo(rows: number): void {
    if (sheet === undefined || rows <= paperRows) return
    fillRectangle(canvas, 0, paperRows, width, rows, sheet.palette.paper)
    onPainted(0, paperRows, width, rows)
    paperRows = rows
  }

  function drawTo(share: number): void {
    const { strokes, begins, ends } = sheet!
    for (;;) {
      if (strokeIndex >= 0) {
        const length = ends[strokeIndex]! - begins[strokeIndex]!
        painter.paintTo(ease(Math.min(1, (share - begins[strokeIndex]!) / length)))
        if (share < ends[strokeIndex]!) return
      }
      if (strokeIndex + 1 >= strokes.length || share <= begins[strokeIndex + 1]!) return
      painter.begin(strokes[++strokeIndex]!)
    }
  }

  return {
    drawUntil(time) {
      const wanted = Math.floor(time / sheetDurationMs)
      if (wanted !== index) {
        // A sheet that was never seen finished stays unfinished: nobody waits for it.
        index = wanted
        sheet = createSheet({ ...options, index })
        strokeIndex = -1
        paperRows = 0
      }
      const share = time / sheetDurationMs - index
      // There is nothing to hide at the very first sheet.
      const rolled = index === 0 ? 1 : Math.min(1, share / rollOut)
      rollTo(rolled === 1 ? height : 16 * Math.floor((rolled * height) / 16))
      if (rolled === 1) drawTo((share - rollOut) / (finished - rollOut))
    },
  }
}

/** The hand starts and stops softly. */
function ease(share: number): number {
  return share <= 0 ? 0 : share * (0.6 + share * (1.2 - 0.8 * share))
}
