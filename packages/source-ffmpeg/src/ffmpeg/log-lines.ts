/** `level+` makes FFmpeg say how grave each line is, after the part that speaks: `[h264 @ 0x5581] [error] …`. */
const level = /^((?:\[[^\]]* @ [^\]]*\] ?)*)\[(panic|fatal|error|warning|info|verbose|debug|trace)\] ?/
/** FFmpeg up to 6, and 7: counterclockwise. */
const displayMatrix = /display ?matrix: rotation of (-?[\d.]+) degrees/i
/** The driver of a camera cannot do what was asked. */
const driverChanged = /\bdriver changed the (video|time per frame)\b/i

export type LogLine =
  /** What went wrong, without its level. Whatever has no level counts as that. */
  | { readonly kind: 'error'; readonly text: string }
  /** The output's picture has to be turned clockwise by so many degrees to be upright. */
  | { readonly kind: 'rotation'; readonly degrees: number }
  /** The device works in another mode than was asked for. */
  | { readonly kind: 'mode'; readonly text: string }

/** Reads what FFmpeg writes to its error output at `-loglevel level+info`. Remembers in which part of its introduction it is. */
export function createLogReader(): (line: string) => LogLine | undefined {
  let inOutput = false
  return (line) => {
    const found = level.exec(line)
    if (found === null) return { kind: 'error', text: line }
    const text = (found[1] ?? '') + line.slice(found[0].length)
    if (/panic|fatal|error/.test(found[2] ?? '')) return { kind: 'error', text }
    if (driverChanged.test(text)) return { kind: 'mode', text: text.replace(/^(\[[^\]]*\] ?)+/, '') }
    // The input may have several videos; the output has the one that counts.
    if (text.startsWith('Output #0')) inOutput = true
    const matrix = inOutput ? displayMatrix.exec(text) : null
    return matrix === null ? undefined : { kind: 'rotation', degrees: clockwise(Number(matrix[1])) }
  }
}

const clockwise = (counterclockwise: number) => (((Math.round(-counterclockwise / 90) * 90) % 360) + 360) % 360
