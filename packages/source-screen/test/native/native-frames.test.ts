import { expect, it } from 'vitest'
import { nativeFrames } from '../../src/native/native-frames.js'
import { resolveScreenOptions } from '../../src/screen-source-options.js'
import { captureContext } from '../fixtures/frames.js'

it('dates a picture by when the screen began to be read, however long that and the encoding take', async () => {
  let time = 1_700_000_000_000
  const grabs: number[] = []
  const image = {
    ...{ width: 4, height: 2 },
    crop: () => Promise.reject(new Error('there is nothing to cut off')),
    toRaw: () => Promise.resolve(Buffer.alloc(4 * 2 * 4)),
  }
  const target = {
    ...{ title: 'display "slow"', offset: { x: 0, y: 0 }, ended: new Promise<never>(() => {}), close: () => {} },
    captureImage() {
      grabs.push(time)
      time += 300
      return Promise.resolve(image)
    },
  }
  const encoder = {
    ...{ FORMAT_RGBA: 0, SAMP_444: 0 },
    compress() {
      time += 50
      return Promise.resolve(Buffer.from([0xff, 0xd8]))
    },
  }
  const parts = { openTarget: () => Promise.resolve(target), loadEncoder: () => Promise.resolve(encoder) }
  const context = captureContext({
    now() {
      // By more than an interval: nothing is waited for.
      time += 20
      return time
    },
  })
  const times: number[] = []
  for await (const frame of nativeFrames(resolveScreenOptions({ frameRate: 60 }), context, parts)) {
    times.push(frame.captureTime)
    if (times.length === 3) break
  }
  expect(times).toEqual(grabs)
})
