import { type FrameSourceConformanceOptions, frameSourceConformance } from '@snapmint/conformance'
import type { It } from './suite.js'

type Options = Pick<FrameSourceConformanceOptions, 'create' | 'capabilities' | 'inUse'>

/** The rules of the contract, with the patience that the machine needs. They come before the camera runs. */
export function conformanceTests(it: It, { capabilities, ...options }: Options): void {
  const path: string[] = []
  frameSourceConformance({
    ...options,
    name: 'conformance',
    describe(name, body) {
      path.push(name)
      body()
      path.pop()
    },
    it: (title, body) => it([...path, title].join(' › '), body),
    // Other suites open and close what they need at the same time.
    capabilities: { ...capabilities, resources: false },
    frames: 3,
    timeoutMs: 150_000,
    endWithinMs: 60_000,
  })
}
