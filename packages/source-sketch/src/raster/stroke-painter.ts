import type { Color, Plane, Planes } from './planes.js'

/** One touch of the brush: a path with the brush's radius at each of its points. */
export interface BrushStroke {
  /** Positions and radii in pixels; three arrays of the same length, at least 1. */
  readonly xs: Float64Array
  readonly ys: Float64Array
  readonly radii: Float64Array
  readonly color: Color
  /** How much the paint covers, from 0 to 0.98. Going over the same place twice within a stroke does not cover more. */
  readonly opacity: number
  /** How much paint the hairs carry, from one side of the brush to the other, each from 0 to 1. Left out: a smooth pen. */
  readonly bristles?: Float64Array | undefined
}

/** Called with the pixels that a stroke changed; right and bottom are exclusive. */
export type OnPainted = (left: number, top: number, right: number, bottom: number) => void

export interface StrokePainter {
  /** Takes the brush for a new stroke. */
  begin(stroke: BrushStroke): void
  /** Continues the stroke up to this share of it, from 0 to 1. */
  paintTo(progress: number): void
}

interface Segment {
  readonly x0: number
  readonly y0: number
  readonly r0: number
  readonly x1: number
  readonly y1: number
  readonly r1: number
}

interface Target {
  readonly plane: Plane
  readonly value: number
}

/**
 * Antialiased strokes on 4:2:0 planes, drawn piece by piece. A mask remembers how much of the current stroke each pixel has got, so that overlapping
 * pieces of one stroke blend as if the stroke had been laid down at once.
 */
export function createStrokePainter(planes: Planes, onPainted: OnPainted): StrokePainter {
  const lumaMask = new Uint8Array(planes.luma.data.length)
  const chromaMask = new Uint8Array(planes.cb.data.length)
  let stroke: BrushStroke | undefined
  let position = 0
  let [left, top, right, bottom] = [0, 0, 0, 0]

  function clearMasks(): void {
    for (const [mask, stride, shift] of [
      [lumaMask, planes.luma.stride, 0],
      [chromaMask, planes.cb.stride, 1],
    ] as const) {
      for (let y = top >> shift; y < Math.min(mask.length / stride, (bottom >> shift) + 1); y++) {
        mask.fill(0, y * stride + (left >> shift), Math.min((y + 1) * stride, y * stride + (right >> shift) + 1))
      }
    }
  }

  function paintSegment(segment: Segment, { color, opacity, bristles }: BrushStroke): void {
    const reach = Math.max(segment.r0, segment.r1) + 2
    const box = [
      Math.max(0, Math.floor(Math.min(segment.x0, segment.x1) - reach)),
      Math.max(0, Math.floor(Math.min(segment.y0, segment.y1) - reach)),
      Math.min(planes.luma.stride, Math.ceil(Math.max(segment.x0, segment.x1) + reach)),
      Math.min(planes.luma.height, Math.ceil(Math.max(segment.y0, segment.y1) + reach)),
    ] as const
    if (box[0] >= box[2] || box[1] >= box[3]) return
    left = Math.min(left, box[0])
    top = Math.min(top, box[1])
    right = Math.max(right, box[2])
    bottom = Math.max(bottom, box[3])
    cover(segment, 1, opacity, bristles, lumaMask, [{ plane: planes.luma, value: color.y }])
    cover(segment, 0.5, opacity, bristles, chromaMask, [
      { plane: planes.cb, value: color.cb },
      { plane: planes.cr, value: color.cr },
    ])
    onPainted(...box)
  }

  return {
    begin(next) {
      clearMasks()
      stroke = next
      position = 0
      left = planes.luma.stride
      top = planes.luma.height
      right = 0
      bottom = 0
    },
    paintTo(progress) {
      if (stroke === undefined) return
      const last = stroke.xs.length - 1
      const target = progress >= 1 ? last : progress * last
      if (last === 0 && progress >= 1) paintSegment(between(stroke, 0, 0), stroke)
      while (position < target) {
        const next = Math.min(target, Math.floor(position) + 1)
        paintSegment(between(stroke, position, next), stroke)
        position = next
      }
    },
  }
}

function at(values: Float64Array, position: number): number {
  const index = Math.floor(position)
  const value = values[index]!
  return position === index ? value : value + (values[index + 1]! - value) * (position - index)
}

function between({ xs, ys, radii }: BrushStroke, from: number, to: number): Segment {
  return { x0: at(xs, from), y0: at(ys, from), r0: at(radii, from), x1: at(xs, to), y1: at(ys, to), r1: at(radii, to) }
}

/** Blends a segment, a capsule with two radii, into planes whose samples are `1 / scale` pixels wide. */
function cover(
  segment: Segment,
  scale: number,
  opacity: number,
  bristles: Float64Array | undefined,
  mask: Uint8Array,
  targets: readonly Target[],
): void {
  const x0 = segment.x0 * scale
  const y0 = segment.y0 * scale
  const dx = segment.x1 * scale - x0
  const dy = segment.y1 * scale - y0
  const r0 = segment.r0 * scale
  const dr = segment.r1 * scale - r0
  const squared = dx * dx + dy * dy
  const perSquared = squared > 1e-9 ? 1 / squared : 0
  const perLength = Math.sqrt(perSquared)
  const reach = Math.max(r0, r0 + dr) + 1
  const { stride, height } = targets[0]!.plane
  const fromX = Math.max(0, Math.floor(Math.min(x0, x0 + dx) - reach))
  const toX = Math.min(stride, Math.ceil(Math.max(x0, x0 + dx) + reach))
  const fromY = Math.max(0, Math.floor(Math.min(y0, y0 + dy) - reach))
  const toY = Math.min(height, Math.ceil(Math.max(y0, y0 + dy) + reach))
  const lastBristle = bristles === undefined ? 0 : bristles.length - 1
  for (let y = fromY; y < toY; y++) {
    const py = y + 0.5 - y0
    for (let x = fromX; x < toX; x++) {
      const px = x + 0.5 - x0
      const along = Math.min(1, Math.max(0, (px * dx + py * dy) * perSquared))
      const radius = r0 + dr * along
      const ex = px - dx * along
      const ey = py - dy * along
      const inside = radius + 0.5 - Math.sqrt(ex * ex + ey * ey)
      if (inside <= 0) continue
      // A line thinner than a pixel is a pixel wide and pale.
      let coverage = Math.min(1, inside, 2 * radius)
      if (bristles !== undefined) {
        const across = ((px * dy - py * dx) * perLength) / radius
        coverage *= bristles[Math.min(lastBristle, Math.max(0, Math.round((across + 1) * 0.5 * lastBristle)))]!
      }
      const index = y * stride + x
      const before = mask[index]!
      const after = (coverage * 255 + 0.5) | 0
      if (after <= before) continue
      mask[index] = after
      const had = (opacity * before) / 255
      const share = ((opacity * after) / 255 - had) / (1 - had)
      for (const { plane, value } of targets) {
        const old = plane.data[index]!
        plane.data[index] = old + (value - old) * share + 0.5
      }
    }
  }
}
