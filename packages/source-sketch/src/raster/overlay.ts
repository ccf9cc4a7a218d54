import { copyRectangle, createPlanes, type Planes } from './planes.js'

/** Pixels from (left, top) up to but not including (right, bottom). */
export interface Rectangle {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

/** Something that is shown over the canvas without being painted onto it. */
export interface Overlay {
  /** What it covers; edges are multiples of 16, the right and the bottom one may lie outside the picture. */
  readonly area: Rectangle
  readonly planes: Planes
  /** Tells that the canvas changed there. */
  touch(left: number, top: number, right: number, bottom: number): void
  /**
   * What of the canvas below has changed since the last call, with even edges: at the first call everything. `planes` has been made a copy of
   * the canvas there.
   */
  refresh(): Rectangle | undefined
}

/** An overlay for this area of the canvas, grown to multiples of 16. */
export function createOverlay(canvas: Planes, { left, top, right, bottom }: Rectangle): Overlay {
  const area = {
    left: 16 * Math.floor(left / 16),
    top: 16 * Math.floor(top / 16),
    right: Math.min(canvas.luma.stride, 16 * Math.ceil(right / 16)),
    bottom: Math.min(canvas.luma.height, 16 * Math.ceil(bottom / 16)),
  }
  const width = area.right - area.left
  const height = area.bottom - area.top
  const planes = createPlanes(width, height)
  let touched: Rectangle | undefined = area
  return {
    area,
    planes,
    touch(fromX, fromY, toX, toY) {
      const left = Math.max(area.left, fromX & ~1)
      const top = Math.max(area.top, fromY & ~1)
      const right = Math.min(area.right, (toX + 1) & ~1)
      const bottom = Math.min(area.bottom, (toY + 1) & ~1)
      if (left < right && top < bottom)
        touched = touched === undefined ? { left, top, right, bottom } : union(touched, { left, top, right, bottom })
    },
    refresh() {
      const changed = touched
      touched = undefined
      if (changed === undefined) return undefined
      const { left, top, right, bottom } = changed
      copyRectangle(canvas, planes, {
        left,
        top,
        x: left - area.left,
        y: top - area.top,
        width: right - left,
        height: bottom - top,
      })
      return changed
    },
  }
}

function union(a: Rectangle, b: Rectangle): Rectangle {
  return {
    left: Math.min(a.left, b.left),
    top: Math.min(a.top, b.top),
    right: Math.max(a.right, b.right),
    bottom: Math.max(a.bottom, b.bottom),
  }
}

/** Whether two rectangles have a pixel in common. */
export function overlap(a: Rectangle, b: Rectangle): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
}
