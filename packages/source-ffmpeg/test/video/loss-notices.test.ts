import { describe, expect, it } from 'vitest'
import { createLossNotices } from '../../src/video/loss-notices.js'

function createBench() {
  const bench = { time: 0, notices: [] as string[] }
  const losses = createLossNotices({ now: () => bench.time, notice: (message) => void bench.notices.push(message) }, 'camera')
  return { bench, losses }
}

describe('notices of losses', () => {
  it('tell a loss when it is over, and later ones with the next notice, ten seconds after', () => {
    const { bench, losses } = createBench()
    losses.lost(3)
    losses.leftOut()
    losses.leftOut()
    expect(bench.notices).toEqual([])
    losses.whole()
    losses.lost(1)
    losses.leftOut()
    losses.whole()
    bench.time = 10_000
    losses.lost(1)
    losses.leftOut()
    losses.whole()
    expect(bench.notices).toEqual([
      '"camera" lost 3 packets on the way; 2 pictures that needed them were left out',
      '"camera" lost 2 packets on the way; 2 pictures that needed them were left out',
    ])
  })

  it('say nothing of a stream that is whole', () => {
    const { bench, losses } = createBench()
    losses.whole()
    expect(bench.notices).toEqual([])
  })

  it('say once that no key frame comes, or none any more', () => {
    const { bench, losses } = createBench()
    for (const arrival of [0, 4999, 5000, 6000]) losses.keyless(arrival)
    expect(bench.notices).toEqual([expect.stringContaining('no key frame for 5 s')])
    losses.passed('key', 10_000)
    for (const arrival of [39_999, 40_000, 50_000]) losses.passed('delta', arrival)
    expect(bench.notices.slice(1)).toEqual([expect.stringContaining('no key frame for 30 s')])
  })

  it('count the frames that the history did not take in time', () => {
    const { bench, losses } = createBench()
    losses.dropped(2)
    losses.dropped(3)
    bench.time = 10_000
    losses.dropped(1)
    expect(bench.notices).toEqual([expect.stringMatching(/^2 frames/), expect.stringMatching(/^4 frames/)])
  })
})
