import { clockLayout } from './clock/clock-layout.js'
import { createClockOverlay } from './clock/clock-overlay.js'
import { clockText } from './clock/clock-text.js'
import { createDrawing } from './drawing/drawing.js'
import { createSegmentedJpegEncoder } from './jpeg/segmented-jpeg-encoder.js'
import { createPlanes } from './raster/planes.js'
import type { ResolvedSketchOptions } from './sketch-source-options.js'
import { timeCodeArea } from './time-code/time-code-layout.js'
import { createTimeCodeOverlay } from './time-code/time-code-overlay.js'

/** The picture that the mock camera sees. */
export interface SketchPicture {
  /**
   * Renders the next frame.
   *
   * @param drawingTime for how many ms the artist has been at work; never less than at the call before.
   * @param captureTime what clock and time code show, in ms since the epoch; rounded to the nearest millisecond.
   * @param allocate gives the memory that the file is written to.
   * @returns what `allocate` returned: a complete JPEG file.
   */
  render(drawingTime: number, captureTime: number, allocate: (byteLength: number) => Uint8Array): Uint8Array
}

export function createSketchPicture(options: ResolvedSketchOptions): SketchPicture {
  const { width, height, quality, clock, timeZone, background, seed, sheetDurationMs } = options
  const canvas = createPlanes(width, height)
  const encoder = createSegmentedJpegEncoder({ width, height, quality, canvas })
  const codeArea = options.timeCode ? timeCodeArea(width, height) : undefined
  const layout =
    clock === 'none' ? undefined : clockLayout({ width, height, place: clock, texts: clockText(0, timeZone), code: codeArea })
  const clockOverlay = layout && createClockOverlay(canvas, layout, encoder.markDirty)
  const codeOverlay = codeArea && createTimeCodeOverlay(canvas, codeArea, encoder.markDirty)
  const overlays = [clockOverlay?.overlay, codeOverlay?.overlay].filter((overlay) => overlay !== undefined)
  for (const { area, planes } of overlays) {
    encoder.cover(area.left, area.top, area.right - area.left, area.bottom - area.top, planes)
  }

  const margin = Math.round(Math.min(height, (width * 9) / 16) * 0.035)
  const captionTop = Math.min(codeArea?.top ?? height, layout === undefined || layout.plate ? height : layout.top)
  const drawing = createDrawing({
    canvas,
    seed,
    background,
    sheetDurationMs,
    area: { left: margin, top: margin, width: width - 2 * margin, height: captionTop - 2 * margin },
    onPainted(left, top, right, bottom) {
      encoder.markDirty(left, top, right, bottom)
      for (const overlay of overlays) overlay.touch(left, top, right, bottom)
    },
  })

  return {
    render(drawingTime, captureTime, allocate) {
      const time = Math.round(captureTime)
      drawing.drawUntil(drawingTime)
      clockOverlay?.show(clockText(time, timeZone))
      codeOverlay?.show(time)
      const file = allocate(encoder.update())
      encoder.write(file)
      return file
    },
  }
}
