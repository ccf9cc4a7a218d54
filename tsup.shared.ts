import { defineConfig } from 'tsup'

interface PackageBuild {
  /** What users import: gets declarations. */
  readonly entry: readonly string[]
  /** Modules that a worker or a forked child loads by URL: no declarations, beside the entries in `dist`. */
  readonly threads?: readonly string[]
}

/** The build that every package shares. `SNAPMINT_BUILD=fast` leaves the declarations out: running needs none. */
export function packageBuild({ entry, threads = [] }: PackageBuild): ReturnType<typeof defineConfig> {
  const named = Object.fromEntries([...entry, ...threads].map((file) => [file.replace(/^.*\//, '').replace(/\.ts$/, ''), file]))
  const fast = process.env.SNAPMINT_BUILD === 'fast'
  const typed = Object.fromEntries(entry.map((file) => [file.replace(/^.*\//, '').replace(/\.ts$/, ''), file]))
  return defineConfig({
    entry: named,
    format: 'esm',
    target: 'node20',
    platform: 'node',
    splitting: true,
    sourcemap: true,
    // Declarations that are there already stay: whoever checks types after a bench has use for them.
    clean: fast ? ['!**/*.d.ts'] : true,
    silent: true,
    // `node:test` has no other name.
    removeNodeProtocol: false,
    dts: fast || entry.length === 0 ? false : { entry: typed },
  })
}
