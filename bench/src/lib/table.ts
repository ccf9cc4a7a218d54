import { type BenchResult, type Goal, meets } from './bench.js'

type Cell = string | number

const grouped = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 6 })

/** A number as people read it: `1,234,570`, `0.012`. */
const show = (value: Cell): string => (typeof value === 'string' ? value : grouped.format(value))

/** Rows under a header; numbers to the right. */
export function table(header: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const texts = [header, ...rows.map((row) => row.map(show))]
  const widths = header.map((_, column) => Math.max(...texts.map((row) => (row[column] ?? '').length)))
  const isNumber = header.map((_, column) => rows.length > 0 && rows.every((row) => typeof row[column] === 'number'))
  const line = (row: readonly string[]) =>
    row
      .map((text, column) => (isNumber[column] ? text.padStart(widths[column]!) : text.padEnd(widths[column]!)))
      .join('  ')
      .trimEnd()
  return [line(texts[0]!), widths.map((width) => '─'.repeat(width)).join('  '), ...texts.slice(1).map(line)].join('\n')
}

export function printTable(header: readonly string[], rows: readonly (readonly Cell[])[]): void {
  console.log(table(header, rows))
}

function bound(goal: Goal): string {
  if ('atLeast' in goal) return `≥ ${show(goal.atLeast)}`
  if ('atMost' in goal) return `≤ ${show(goal.atMost)}`
  return `= ${show(goal.exactly)}`
}

/** Every goal, its figure, and whether it is met. */
export function goalsTable({ figures, goals }: BenchResult): string {
  return table(
    ['goal', 'wanted', 'measured', ''],
    Object.entries(goals).map(([name, goal]) => [
      name,
      bound(goal),
      show(figures[name] ?? 'not measured'),
      meets(figures[name], goal) ? 'met' : 'MISSED',
    ]),
  )
}
