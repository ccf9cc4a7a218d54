import { readdirSync } from 'node:fs'
import type { BenchModule } from './bench.js'

const folder = new URL('../', import.meta.url)

/** Names of all benchmarks: the files beside `lib`. */
export function benchNames(): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.slice(0, -'.ts'.length))
    .sort()
}

export async function loadBench(name: string): Promise<BenchModule> {
  return (await import(new URL(`${name}.ts`, folder).href)) as BenchModule
}
