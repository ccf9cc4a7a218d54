import type { EpochMs } from '@snapmint/core/adapter'

/** Two microseconds: the contract asks for one, and a double rounds to a quarter. */
const leastStepMs = 0.002

/** Makes times rise, by the least step where they do not by themselves. */
export function createRisingTimes(): (time: EpochMs) => EpochMs {
  let last = Number.NEGATIVE_INFINITY
  return (time) => {
    last = Math.max(time, last + leastStepMs)
    return last
  }
}
