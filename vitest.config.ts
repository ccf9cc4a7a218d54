import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

/*
 * Three groups, one after the other. What tests against servers mostly waits: several files at once take a third of the time, also on two cores. What reads cameras, screens
 * and streams, or measures when a frame was taken, has the machine to itself as far as Vitest's default goes: one worker on two cores.
 */
const whileOthersWait = Math.max(3, availableParallelism() - 1)

const services = [
  'packages/conformance/test/**/*.test.ts',
  'packages/jobs-*/test/**/*.test.ts',
  'packages/sink-*/test/**/*.test.ts',
  'test/cloud/test/**/*.test.ts',
]

const examples = ['examples/*/test/**/*.test.ts']

const capture = ['packages/*/test/**/*.test.ts', 'scripts/test/**/*.test.ts', 'bench/test/**/*.test.ts']

export default defineConfig({
  test: {
    // Adapters to cloud services are tested where they can reach none.
    setupFiles: ['scripts/test-support/network-guard.setup.ts'],
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 60_000,
    typecheck: { enabled: false },
    projects: [
      {
        extends: true,
        test: { name: 'services', include: services, maxWorkers: whileOthersWait, sequence: { groupOrder: 0 } },
      },
      {
        extends: true,
        test: { name: 'examples', include: examples, maxWorkers: whileOthersWait, sequence: { groupOrder: 1 } },
      },
      {
        extends: true,
        test: { name: 'capture', include: capture, exclude: [...services, '**/node_modules/**'], sequence: { groupOrder: 2 } },
      },
    ],
  },
})
