import assert from 'node:assert/strict'
import type { Rule } from '../../runner/rule.js'
import { bytesOf, type FrameSample, type SampledFrame } from '../frame-sample.js'
import type { SourceTest } from '../source-test.js'

const sameBytes = (a: Uint8Array, b: Uint8Array) => a.byteLength === b.byteLength && Buffer.compare(a, b) === 0

function overlap(a: Uint8Array, b: Uint8Array): boolean {
  return a.buffer === b.buffer && a.byteOffset < b.byteOffset + b.byteLength && b.byteOffset < a.byteOffset + a.byteLength
}

/** The allocation whose memory a frame's bytes lie in. */
function allocationOf({ frame }: SampledFrame, { allocations }: FrameSample): number {
  return allocations.findIndex((view) => view.buffer === frame.data.buffer)
}

/** Whose the bytes are. */
export const memoryRules: readonly Rule<SourceTest>[] = [
  {
    title: 'does not touch the bytes of a frame after yielding it',
    async check({ sample }) {
      const { frames } = await sample()
      for (const { frame, position, bytes } of frames)
        assert.ok(
          sameBytes(bytesOf(frame.data), bytes),
          `The bytes of frame ${position} have changed since it was yielded: they are the reader's from then on; use a new buffer for each frame`,
        )
      frames.forEach((earlier, index) => {
        const sharing = frames.slice(index + 1).find((later) => overlap(earlier.frame.data, later.frame.data))
        assert.ok(
          sharing === undefined,
          `Frames ${earlier.position} and ${sharing?.position} lie in the same memory: it is the reader's once yielded; use a new buffer for each frame`,
        )
      })
    },
  },
]

/** For sources that write into the history's own memory. */
export const allocateRules: readonly Rule<SourceTest>[] = [
  {
    title: 'yields what allocate() returned last, from its first byte',
    async check({ sample }) {
      const taken = await sample()
      for (const sampled of taken.frames) {
        const { frame, position, allocationsSoFar } = sampled
        const index = allocationOf(sampled, taken)
        assert.ok(index >= 0, `Frame ${position} is not in memory that allocate() returned; the source declares \`usesAllocate\``)
        assert.equal(
          index,
          allocationsSoFar - 1,
          `Frame ${position} lies in an older area than the last that allocate() returned: an area is valid only until the next allocate()`,
        )
        const view = taken.allocations[index]!
        assert.ok(
          frame.data.byteOffset === view.byteOffset && frame.data.byteLength <= view.byteLength,
          `Frame ${position} is neither the view that allocate() returned nor a leading part of it: it lies at byte ` +
            `${frame.data.byteOffset - view.byteOffset} and has ${frame.data.byteLength} of ${view.byteLength} bytes`,
        )
      }
    },
  },
]

/** For sources that do not: what allocate() returns is theirs only under a capability that is tested. */
export const noAllocateRules: readonly Rule<SourceTest>[] = [
  {
    title: 'declares `usesAllocate` when it uses allocate()',
    async check({ sample }) {
      const { allocations } = await sample()
      assert.ok(
        allocations.length === 0,
        `allocate() was called ${allocations.length} times: declare the capability \`usesAllocate\`, which has rules of its own`,
      )
    },
  },
]
