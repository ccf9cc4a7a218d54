import { describe, expect, it } from 'vitest'
import { testNeeds } from '../lib/test-needs.mjs'

describe('testNeeds', () => {
  it.each([
    [['packages/source-webcam'], { opencv: false, ceph: false, firebase: false }],
    [['packages/source-webcam/test/picture.test.ts', './packages/core/test'], { opencv: false, ceph: false, firebase: false }],
    [['scripts/test', 'examples/quickstart'], { opencv: false, ceph: false, firebase: false }],
    [['packages/source-opencv'], { opencv: true, ceph: false, firebase: false }],
    [['packages/source-webcam', 'bench/test'], { opencv: true, ceph: false, firebase: false }],
    [['packages/sink-s3/test/faults.test.ts'], { opencv: false, ceph: true, firebase: false }],
    [['packages/sink-gcs', './packages/core/test'], { opencv: false, ceph: false, firebase: true }],
    [['examples/sketchbox'], { opencv: true, ceph: false, firebase: true }],
    [['test/cloud'], { opencv: false, ceph: false, firebase: true }],
  ] as const)('sets up what %j needs, and no more', (args, needs) => {
    expect(testNeeds(args)).toEqual(needs)
  })

  it.each([
    { args: [] },
    { args: ['packages'] },
    { args: ['packages/source'] },
    { args: ['conformance'] },
    { args: ['-t', 'leak'] },
    { args: ['packages/core', '--bail', '1'] },
  ])('sets up everything where $args may mean any test', ({ args }) => {
    expect(testNeeds(args)).toEqual({ opencv: true, ceph: true, firebase: true })
  })
})
