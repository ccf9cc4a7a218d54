/** Longest line kept, in characters; more is cut off. */
const maxLineLength = 2000

/**
 * Cuts text that arrives in arbitrary pieces into lines, `\n` or `\r\n`.
 * @returns `push`, which calls `onLine` for each line that is complete, and `end`, which does so for a last line without a line break.
 */
export function createLineSplitter(onLine: (line: string) => void) {
  let rest = ''
  const emit = (line: string) => onLine(line.endsWith('\r') ? line.slice(0, -1) : line)
  return {
    push(text: string): void {
      const lines = (rest + text).split('\n')
      rest = (lines.pop() ?? '').slice(0, maxLineLength)
      for (const line of lines) emit(line)
    },
    end(): void {
      if (rest !== '') emit(rest)
      rest = ''
    },
  }
}
