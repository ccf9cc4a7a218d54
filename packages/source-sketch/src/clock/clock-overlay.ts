import { inkOn } from '../drawing/palette.js'
import { createOverlay, type Overlay, type Rectangle } from '../raster/overlay.js'
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

  function drawGround(): void {
    if (layout.plate) drawPlate(planes, layout, area)
    copyRectangle(planes, base, { left: 0, top: 0, x: 0, y: 0, width: base.luma.stride, height: base.luma.height })
    color = inkOn(colorAt(base, layout.lines[1].x - area.left, layout.lines[1].y - area.top), ink)
  }

  function showLine({ x, y, digitHeight }: ClockLine, text: string, before: string): void {
    let left = x
    Array.from(text).forEach((character, n) => {
      const mask = maskOf(character, digitHeight)
      if (character !== before[n]) {
        const [toX, toY] = [left - area.left, y - area.top]
        copyRectangle(base, planes, { left: toX, top: toY, x: toX, y: toY, width: mask.width, height: mask.height })
        blend(planes, mask, toX, toY, color)
        onChanged(left, y, left + mask.width, y + mask.height)
      }
      left += mask.width
    })
  }

  return {
    overlay,
    show(texts) {
      if (overlay.refresh()) {
        drawGround()
        shown = ['', '']
        onChanged(area.left, area.top, area.right, area.bottom)
      }
      layout.lines.forEach((line, n) => {
        showLine(line, texts[n]!, shown[n]!)
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

/** A plate with round corners and a thin rim. */
function drawPlate(planes: Planes, layout: ClockLayout, area: Rectangle): void {
  const rim = mix(plateColor, ink, 0.35)
  const radius = (layout.bottom - layout.top) * 0.16
  const line = Math.max(1, (layout.bottom - layout.top) / 90)
  for (const [name, scale] of [
    ['luma', 1],
    ['cb', 0.5],
    ['cr', 0.5],
  ] as const) {
    const { data, stride } = planes[name]
    const component = name === 'luma' ? 'y' : name
    const halfX = ((layout.right - layout.left) / 2) * scale
    const halfY = ((layout.bottom - layout.top) / 2) * scale
    const centreX = ((layout.right + layout.left) / 2 - area.left) * scale
    const centreY = ((layout.bottom + layout.top) / 2 - area.top) * scale
    const corner = radius * scale
    for (let index = 0; index < data.length; index++) {
      const dx = Math.abs((index % stride) + 0.5 - centreX) - halfX + corner
      const dy = Math.abs(Math.floor(index / stride) + 0.5 - centreY) - halfY + corner
      const outside = Math.hypot(Math.max(0, dx), Math.max(0, dy)) + Math.min(0, Math.max(dx, dy)) - corner
      if (outside >= 0.5) continue
      const share = Math.min(1, 0.5 - outside) * plateOpacity
      const value = outside > -line * scale ? rim[component] : plateColor[component]
      data[index] = data[index]! + (value - data[index]!) * share + 0.5
    }
  }
}
