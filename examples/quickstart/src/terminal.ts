/** As much of a stream as this needs; `process.stdout` is one. */
export interface Output {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

/** Lines that stay, above one line that is rewritten in place. */
export interface Terminal {
  /** A line that stays. */
  print(line: string): void
  /** Shows the status: on a terminal in place of the one before, elsewhere as a line of its own. */
  showStatus(line: string): void
  /** Removes the line that is rewritten. */
  clearStatus(): void
}

const eraseLine = '\r\x1b[2K'

export function createTerminal(output: Output): Terminal {
  let status = ''

  const cut = (line: string) => {
    const columns = output.columns ?? 80
    // A line that wraps cannot be rewritten.
    return line.length < columns ? line : `${line.slice(0, Math.max(0, columns - 2))}…`
  }

  return {
    print(line) {
      output.write(status === '' ? `${line}\n` : `${eraseLine}${line}\n${cut(status)}`)
    },
    showStatus(line) {
      if (output.isTTY !== true) {
        output.write(`${line}\n`)
        return
      }
      status = line
      output.write(`${eraseLine}${cut(line)}`)
    },
    clearStatus() {
      if (status !== '') output.write(eraseLine)
      status = ''
    },
  }
}
