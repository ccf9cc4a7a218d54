import type { TimeCodeArea } from '../time-code/time-code-layout.js'
import { cellHeight, cellWidth } from './glyph-mask.js'

/** A line of the clock: where its first cell starts, in pixels of the picture, all even. */
export interface ClockLine {
  readonly x: number
  readonly y: number
  readonly digitHeight: number
}

export interface ClockLayout {
  /** Date, time. */
  readonly lines: readonly [ClockLine, ClockLine]
  /** A plate behind the text, where it would otherwise stand on the drawing. */
  readonly plate: boolean
  /** What the clock occupies, with the plate and some air. Edges are even and within the picture. */
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

const even = (value: number): number => 2 * Math.round(value / 2)

const widthOf = (text: string, digitHeight: number): number =>
  Array.from(text).reduce((sum, character) => sum + cellWidth(character, digitHeight), 0)

export interface ClockLayoutOptions {
  readonly width: number
  readonly height: number
  readonly place: 'centre' | 'corner'
  /** Texts of the right form. */
  readonly texts: readonly [string, string]
  readonly code: TimeCodeArea | undefined
}

/** Centre: on a plate in the middle. Corner: at the bottom right beside the time code, or on a plate at the top right if there is no room. */
export function clockLayout({ width, height, place, texts, code }: ClockLayoutOptions): ClockLayout {
  const size = Math.min(height, (width * 9) / 16)
  const time = Math.max(8, Math.round(size * (place === 'centre' ? 0.085 : 0.07)))
  const date = Math.max(7, Math.round(size * (place === 'centre' ? 0.05 : 0.042)))
  const widths = [widthOf(texts[0], date), widthOf(texts[1], time)] as const
  const gap = even(time * 0.22)
  const textWidth = Math.max(...widths)
  const textHeight = cellHeight(date) + gap + cellHeight(time)
  const air = even(time * 0.55)
  const margin = even(size * 0.045)

  const beside = width - (code === undefined ? 0 : code.left + code.width) >= textWidth + 2 * margin
  const plate = place === 'centre' || !beside
  const centreX = place === 'centre' ? width / 2 : width - margin - textWidth / 2 - (plate ? air / 2 : 0)
  const centreY =
    place === 'centre' ? height / 2 : beside ? captionMiddle(height, textHeight, margin, code) : margin + textHeight / 2
  // In the smallest pictures the middle is not free: the time code comes first.
  const lowest = plate && code !== undefined ? code.top - textHeight - even(air * 0.6) : height
  const top = Math.min(even(centreY - textHeight / 2), 2 * Math.floor(lowest / 2))
  const lineAt = (index: 0 | 1): number =>
    place === 'centre' ? even(centreX - widths[index] / 2) : even(centreX + textWidth / 2 - widths[index])
  return {
    lines: [
      { x: lineAt(0), y: top, digitHeight: date },
      { x: lineAt(1), y: top + cellHeight(date) + gap, digitHeight: time },
    ],
    plate,
    left: Math.max(0, even(centreX - textWidth / 2) - air),
    top: Math.max(0, top - even(air * 0.6)),
    right: Math.min(even(width - 1), even(centreX + textWidth / 2) + air),
    bottom: Math.min(even(height - 1), top + textHeight + even(air * 0.6)),
  }
}

function captionMiddle(height: number, textHeight: number, margin: number, code: TimeCodeArea | undefined): number {
  return code === undefined ? height - margin - textHeight / 2 : code.top + code.height / 2
}
