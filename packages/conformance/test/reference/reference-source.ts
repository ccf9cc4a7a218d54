import { setTimeout as sleep } from 'node:timers/promises'
import type { CaptureContext, Frame, FrameSource } from '@snapmint/core/adapter'
import { annexBDelta, annexBKey, tinyJpeg } from './pictures.js'

/** The device of the reference sources, which tells whether somebody has it open. */
export interface TestCamera {
  readonly isOpen: boolean
  open(): void
  close(): void
}

export function createTestCamera(): TestCamera {
  let opened = 0
  return {
    get isOpen() {
      return opened > 0
    },
    open() {
      opened += 1
    },
    close() {
      opened -= 1
    },
  }
}

export interface ReferenceSourceOptions {
  readonly camera?: TestCamera
  readonly intervalMs?: number
  /** Ends after so many frames. */
  readonly length?: number
  readonly allocate?: boolean
}

/** A correct source of stills. Broken ones are made from it by changing one thing. */
export function referenceSource(options: ReferenceSourceOptions = {}): FrameSource {
  const { camera = createTestCamera(), intervalMs = 2, length = Number.POSITIVE_INFINITY, allocate = false } = options
  return {
    specVersion: 1,
    adapter: 'reference',
    finite: Number.isFinite(length),
    async *frames({ signal, now, ...context }) {
      if (signal.aborted) return
      camera.open()
      try {
        for (let number = 1; number <= length; number += 1) {
          const captureTime = now()
          const picture = tinyJpeg(`frame ${number}`)
          const data = allocate ? context.allocate(picture.byteLength + 16).subarray(0, picture.byteLength) : picture
          if (allocate) data.set(picture)
          yield { mimeType: 'image/jpeg', captureTime, data, codedWidth: 8, codedHeight: 8 }
          await sleep(intervalMs, undefined, { signal })
        }
      } finally {
        camera.close()
      }
    },
  }
}

/** A correct source of video chunks: a key, then two deltas, and so on. */
export function referenceVideoSource(): FrameSource {
  return {
    specVersion: 1,
    adapter: 'reference-video',
    async *frames({ signal, now }) {
      for (let number = 0; !signal.aborted; number += 1) {
        const isKey = number % 3 === 0
        yield {
          codec: 'avc1.42c01f',
          type: isKey ? 'key' : 'delta',
          captureTime: now(),
          data: isKey ? annexBKey(number) : annexBDelta(number),
        }
        await sleep(2, undefined, { signal })
      }
    },
    decoder: {
      async decode(run, { signal }) {
        signal.throwIfAborted()
        const captureTime = run.at(-1)?.captureTime ?? Number.NaN
        return { mimeType: 'image/jpeg', captureTime, data: tinyJpeg(`decoded of ${run.length}`) }
      },
    },
  }
}

/** The reference source with another `frames`: `change` gets each of its frames and the run's context. */
export function changedSource(
  change: (frame: Frame, context: CaptureContext, number: number) => Frame,
  base = referenceSource(),
): FrameSource {
  return {
    ...base,
    async *frames(context) {
      let number = 0
      for await (const frame of base.frames(context)) {
        number += 1
        yield change(frame, context, number)
      }
    },
  }
}

/** A source whose device fails before the first frame. */
export function failingSource(thrown: unknown): FrameSource {
  const iterator: AsyncIterator<Frame> = {
    next: () => Promise.reject(thrown),
    return: async () => ({ done: true, value: undefined }),
  }
  return { ...referenceSource(), frames: () => ({ [Symbol.asyncIterator]: () => iterator }) }
}
