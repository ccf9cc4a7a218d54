import { benchNames, loadBench } from './catalog.js'
import { runAll } from './run-all.js'
import { goalsTable, table } from './table.js'

async function list(): Promise<void> {
  const rows = await Promise.all(benchNames().map(async (name) => [name, (await loadBench(name)).description]))
  console.log(
    `${table(['benchmark', 'what it measures'], rows)}\n\nRun one: npm run bench -- <name>     all: npm run bench -- all`,
  )
}

async function runOne(name: string): Promise<boolean> {
  const { description, run } = await loadBench(name)
  console.log(`${name}: ${description}\n`)
  const result = await run()
  console.log(`\n${goalsTable(result)}\n`)
  console.log(JSON.stringify({ bench: name, ...result }))
  return result.pass
}

/** @returns whether every goal was met. */
async function main([name]: readonly string[]): Promise<boolean> {
  if (name === undefined) {
    await list()
    return true
  }
  if (name === 'all') return runAll()
  if (benchNames().includes(name)) return runOne(name)
  console.error(`There is no benchmark "${name}". There are: ${benchNames().join(', ')}, all.`)
  return false
}

process.exitCode = (await main(process.argv.slice(2))) ? 0 : 1
