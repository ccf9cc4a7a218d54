import { describe, expect, it } from 'vitest'
import { createTerminal } from '../src/terminal.js'

function record(isTTY: boolean, columns = 40) {
  let written = ''
  const terminal = createTerminal({
    isTTY,
    columns,
    write(text) {
      written += text
    },
  })
  return { ...terminal, written: () => written }
}

const eraseLine = '\x1b[2K'

/** What a terminal shows after all. */
function shown(written: string): string[] {
  return written
    .split('\n')
    .map((line) => line.slice(line.lastIndexOf(eraseLine) < 0 ? 0 : line.lastIndexOf(eraseLine) + eraseLine.length))
}

describe('createTerminal', () => {
  it('rewrites the status in place, below the lines that stay', () => {
    const terminal = record(true)
    terminal.print('first')
    terminal.showStatus('1 picture')
    terminal.showStatus('2 pictures')
    terminal.print('second')
    expect(shown(terminal.written())).toEqual(['first', 'second', '2 pictures'])
    terminal.clearStatus()
    terminal.print('third')
    expect(shown(terminal.written())).toEqual(['first', 'second', 'third', ''])
  })

  it('cuts a status that would wrap', () => {
    const terminal = record(true, 10)
    terminal.showStatus('0123456789abc')
    expect(shown(terminal.written())).toEqual(['01234567…'])
  })

  it('writes plain lines without control characters where there is no terminal', () => {
    const terminal = record(false)
    terminal.showStatus('a status longer than the forty columns of it')
    terminal.print('a line')
    terminal.showStatus('the next')
    terminal.clearStatus()
    expect(terminal.written()).toBe('a status longer than the forty columns of it\na line\nthe next\n')
  })
})
