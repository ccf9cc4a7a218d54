import { inkOn } from '../drawing/palette.js'
import { createOverlay, type Overlay, overlap, type Rectangle } from '../raster/overlay.js'
import { type Color, copyRectangle, createPlanes, mix, type Plane, type Planes, parseColor } from '../raster/planes.js'
import type { ClockLayout, ClockLine } from './clock-layout.js'
import { createGlyphMask, type GlyphMask } from './glyph-mask.js'

/** Called with what changed, in pixels of the picture. */
export type OnChanged = (left: number, top: number, right: number, bottom: number) => void

export interface ClockOverlay {
  readonly overlay: Overlay
  /** Shows the texts; only the characters that differ are drawn anew. */
  show(texts: readonly [string, string]): void
}

const ink = parseColor('#2b3038')
const plateColor = parseColor('#fdfaf3')
const plateOpacity = 0.86

export function createClockOverlay(canvas: Planes, layout: ClockLayout, onChanged: OnChanged): ClockOverlay {
  const overlay = createOverlay(canvas, layout)
  const { area, planes } = overlay
  const base = createPlanes(area.right - area.left, area.bottom - area.top)
  const masks = new Map<string, GlyphMask>()
  let shown: readonly [string, string] = ['', '']
  let color = ink

  function maskOf(character: string, digitHeight: number): GlyphMask {
    const key = `${character}${digitHeight}`
    const mask = masks.get(key) ?? createGlyphMask(character, digitHeight)
    masks.set(key, mask)
    return mask
  }

  /** Renews the ground below the text. */
  function drawGround(changed: Rectangle): void {
    const [x, y] = [changed.left - area.left, changed.top - area.top]
    const [width, height] = [changed.right - changed.left, changed.bottom - changed.top]
    if (layout.plate) drawPlate(planes, layout, area, changed)
    copyRectangle(planes, base, { left: x, top: y, x, y, width, height })
  }

  function showLine({ x, y, digitHeight }: ClockLine, text: string, before: string, changed: Rectangle | undefined): void {
    let left = x
    Array.from(text).forEach((character, n) => {
      const mask = maskOf(character, digitHeight)
      const cell = { left, top: y, right: left + mask.width, bottom: y + mask.height }
      if (character !== before[n] || (changed !== undefined && overlap(cell, changed))) {
        const [toX, toY] = [left - area.left, y - area.top]
        copyRectangle(base, planes, { left: toX, top: toY, x: toX, y: toY, width: mask.width, height: mask.height })
        blend(planes, mask, toX, toY, color)
        onChanged(cell.left, cell.top, cell.right, cell.bottom)
      }
      left = cell.right
    })
  }

  return {
    overlay,
    show(texts) {
      let changed = overlay.refresh()
      if (changed !== undefined) {
        drawGround(changed)
        onChanged(changed.left, changed.top, changed.right, changed.bottom)
        const fitting = inkOn(colorAt(base, layout.lines[1].x - area.left, layout.lines[1].y - area.top), ink)
        if (fitting !== color) changed = area
        color = fitting
      }
      layout.lines.forEach((line, n) => {
        showLine(line, texts[n]!, shown[n]!, changed)
      })
      shown = texts
    },
  }
}

function colorAt({ luma, cb, cr }: Planes, x: number, y: number): Color {
  const at = (y >> 1) * cb.stride + (x >> 1)
  return { y: luma.data[y * luma.stride + x]!, cb: cb.data[at]!, cr: cr.data[at]! }
}

function blendPlane({ data, stride }: Plane, mask: Uint8Array, width: number, x: number, y: number, value: number): void {
  for (let index = 0; index < mask.length; index++) {
    const share = mask[index]! / 255
    if (share === 0) continue
    const at = (y + Math.floor(index / width)) * stride + x + (index % width)
    data[at] = data[at]! + (value - data[at]!) * share + 0.5
  }
}

function blend(planes: Planes, mask: GlyphMask, x: number, y: number, color: Color): void {
  blendPlane(planes.luma, mask.luma, mask.width, x, y, color.y)
  blendPlane(planes.cb, mask.chroma, mask.width / 2, x / 2, y / 2, color.cb)
  blendPlane(planes.cr, mask.chroma, mask.width / 2, x / 2, y / 2, color.cr)
}

/** Blends a plate with round corners and a thin rim into `changed`. */
function drawPlate(planes: Planes, layout: ClockLayout, area: Rectangle, changed: Rectangle): void {
  const rim = mix(plateColor, ink, 0.35)
  const height = layout.bottom - layout.top
  for (const [name, scale] of [
    ['luma', 1],
    ['cb', 0.5],
    ['cr', 0.5],
  ] as const) {
    const component = name === 'luma' ? 'y' : name
    const half = { x: ((layout.right - layout.left) / 2) * scale, y: (height / 2) * scale }
    const centre = {
      x: ((layout.right + layout.left) / 2 - area.left) * scale,
      y: ((layout.bottom + layout.top) / 2 - area.top) * scale,
    }
    const corner = height * 0.16 * scale
    const line = Math.max(1, height / 90) * scale
    const { data, stride } = planes[name]
    for (let y = (changed.top - area.top) * scale; y < (changed.bottom - area.top) * scale; y++) {
      const dy = Math.abs(y + 0.5 - centre.y) - half.y + corner
      for (let x = (changed.left - area.left) * scale; x < (changed.right - area.left) * scale; x++) {
        const dx = Math.abs(x + 0.5 - centre.x) - half.x + corner
        const outside = dx > 0 && dy > 0 ? Math.sqrt(dx * dx + dy * dy) - corner : Math.max(dx, dy) - corner
        if (outside >= 0.5) continue
        const value = outside > -line ? rim[component] : plateColor[component]
        const index = y * stride + x
        data[index] = data[index]! + (value - data[index]!) * Math.min(1, 0.5 - outside) * plateOpacity + 0.5
      }
    }
  }
}
