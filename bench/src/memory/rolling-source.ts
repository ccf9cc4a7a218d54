import { setTimeout as sleep } from 'node:timers/promises'
import type { Frame, FrameSource } from '@snapmint/core'
import { seededRandom } from '../lib/random.js'

export interface RollingSourceOptions {
  readonly frameRate: number
  /** Mean size; frames are between half and one and a half times as large. */
  readonly meanBytes: number
}

/** Frames of all sizes at a steady rate. Each comes in memory of its own, as a reader of pipes or sockets gets it: the garbage belongs to the measurement. */
export default function rollingSource({ frameRate, meanBytes }: RollingSourceOptions): FrameSource {
  return {
    specVersion: 1,
    adapter: 'rolling',
    async *frames({ signal, now }): AsyncGenerator<Frame> {
      const random = seededRandom(1)
      const start = now()
      for (let frame = 0; !signal.aborted; frame++) {
        const ahead = start + (frame * 1000) / frameRate - now()
        if (ahead > 1) await sleep(ahead, undefined, { signal }).catch(() => {})
        if (signal.aborted) return
        const data = new Uint8Array(Math.round(meanBytes * (0.5 + random()))).fill(frame & 0xff)
        yield { mimeType: 'image/jpeg', captureTime: now(), data }
      }
    },
  }
}
