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
  /** Whether the canvas below has changed since the last call; true at the first. If so, `planes` has been made a copy of it. */
  refresh(): boolean
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
  let touched = true
  return {
    area,
    planes,
    touch(fromX, fromY, toX, toY) {
      if (fromX < area.right && toX > area.left && fromY < area.bottom && toY > area.top) touched = true
    },
    refresh() {
      if (!touched) return false
      touched = false
      copyRectangle(canvas, planes, { left: area.left, top: area.top, x: 0, y: 0, width, height })
      return true
    },
  }
}
