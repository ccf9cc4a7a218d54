import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { benchNames } from './catalog.js'
import { table } from './table.js'

interface Finished {
  readonly name: string
  readonly pass: boolean
  /** The last line of its output, if it got so far. */
  readonly json: string | undefined
}

/** In a process of its own: heaps and caches of one benchmark do not reach the next. */
function runApart(name: string): Promise<Finished> {
  return new Promise((resolve) => {
    const args = [...process.execArgv, process.argv[1]!, name]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    let json: string | undefined
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('{"bench":')) json = line
      else console.log(line)
    })
    child.on('close', (code) => resolve({ name, pass: code === 0 && json !== undefined, json }))
  })
}

/** Runs every benchmark, one after the other; the last lines are one JSON object for each and one for all. */
export async function runAll(): Promise<boolean> {
  const finished: Finished[] = []
  for (const name of benchNames()) {
    console.log(`\n── ${name}`)
    finished.push(await runApart(name))
  }
  const passed = finished.filter(({ pass }) => pass).length
  const figures = { benchmarks: finished.length, passed }
  console.log(
    `\n${table(
      ['benchmark', ''],
      finished.map(({ name, pass }) => [name, pass ? 'passed' : 'FAILED']),
    )}\n`,
  )
  for (const { name, json } of finished) console.log(json ?? JSON.stringify({ bench: name, figures: {}, goals: {}, pass: false }))
  const pass = passed === finished.length
  console.log(JSON.stringify({ bench: 'all', figures, goals: { passed: { exactly: finished.length } }, pass }))
  return pass
}
