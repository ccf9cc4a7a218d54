/** What a benchmark measured: plain numbers with their unit in the name, such as `lookupsPerSecond`. */
export type Figures = Readonly<Record<string, number>>

/** The bound that a figure has to keep. */
export type Goal = { readonly atLeast: number } | { readonly atMost: number } | { readonly exactly: number }

/** What a benchmark reports. */
export interface BenchResult {
  readonly figures: Figures
  /** By the name of the figure that each one bounds. */
  readonly goals: Readonly<Record<string, Goal>>
  readonly pass: boolean
}

/** A module `bench/src/<name>.ts`. Importing it starts nothing. */
export interface BenchModule {
  /** One line: what is measured against what. */
  readonly description: string
  /** Measures, prints a table for people, and reports. */
  run(): Promise<BenchResult>
}

/** Does the figure keep its goal? A figure that was not measured, or is no number, does not. */
export function meets(figure: number | undefined, goal: Goal): boolean {
  if (figure === undefined || !Number.isFinite(figure)) return false
  if ('atLeast' in goal) return figure >= goal.atLeast
  if ('atMost' in goal) return figure <= goal.atMost
  return figure === goal.exactly
}

/** The result of a benchmark: it passes when every goal is met by the figure of the same name. */
export function judge(figures: Figures, goals: Readonly<Record<string, Goal>>): BenchResult {
  return { figures, goals, pass: Object.entries(goals).every(([name, goal]) => meets(figures[name], goal)) }
}
