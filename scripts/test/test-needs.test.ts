import { describe, expect, it } from 'vitest'
import { testNeeds } from '../lib/test-needs.mjs'

describe('testNeeds', () => {
  it.each([
    [['packages/source-webcam'], false, false],
    [['packages/source-webcam/test/picture.test.ts', './packages/core/test'], false, false],
    [['scripts/test', 'examples/quickstart'], false, false],
    [['packages/source-opencv'], true, false],
    [['packages/source-webcam', 'bench/test'], true, false],
    [['packages/sink-s3/test/faults.test.ts'], false, true],
  ] as const)('sets up what %j needs, and no more', (args, opencv, ceph) => {
    expect(testNeeds(args)).toEqual({ opencv, ceph })
  })

  it.each([
    { args: [] },
    { args: ['packages'] },
    { args: ['packages/source'] },
    { args: ['conformance'] },
    { args: ['-t', 'leak'] },
    { args: ['packages/core', '--bail', '1'] },
  ])('sets up everything where $args may mean any test', ({ args }) => {
    expect(testNeeds(args)).toEqual({ opencv: true, ceph: true })
  })
})
