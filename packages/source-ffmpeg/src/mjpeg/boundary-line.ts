import { bareBoundary } from './part-head.js'

/** Longer lines are no delimiters. In bytes. */
export const maxLineBytes = 256

/** Recognises the lines between the parts. */
export interface BoundaryLine {
  /**
   * Whether the line, without its line feed, ends one part and begins the next. What stands before the boundary does not matter: a picture that was cut off has no line feed
   * at its end.
   */
  matches(line: Buffer): boolean
  /** Whether the boundary stands somewhere in `bytes`. */
  isIn(bytes: Buffer): boolean
  /** A part came behind a delimiter: no other boundary is looked for any more. */
  confirm(): void
}

/**
 * Cameras disagree on whether the hyphens belong to the announced boundary, put one or two or none in front, announce none, or another than they use. So the hyphens do not
 * count, and as long as no part has come, any line that begins with two hyphens may be the delimiter.
 */
export function createBoundaryLine(announced: string | undefined): BoundaryLine {
  let bare = announced
  let confirmed = false

  function endsWithBare(text: string): boolean {
    return bare !== undefined && (text === bare || text.endsWith(`-${bare}`))
  }

  return {
    matches(line) {
      // In front of it may stand the rest of a picture, of any length.
      const text = line.toString('latin1', Math.max(0, line.length - maxLineBytes)).trimEnd()
      if (endsWithBare(text) || (text.endsWith('--') && endsWithBare(text.slice(0, -2)))) return true
      if (confirmed || line.length > maxLineBytes || !/^--[\x21-\x7e]+$/.test(text)) return false
      const other = bareBoundary(text)
      bare = other ?? bare
      return other !== undefined
    },
    isIn: (bytes) => bare !== undefined && bytes.includes(`-${bare}`, 0, 'latin1'),
    confirm() {
      confirmed = true
    },
  }
}
