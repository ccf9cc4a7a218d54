import type { FrameSink } from '../spec/frame-sink.js'
import type { Media } from '../spec/media.js'
import { expectSnapshot } from '../util/expect-media.js'
import { expectKnownOptions, expectNumber } from '../util/expect-option.js'

export interface MemorySinkOptions {
  /** Objects that are kept; beyond that the one stored first is dropped. Default: all are kept. */
  readonly maxObjects?: number | undefined
}

export interface MemorySink extends FrameSink {
  /** What is stored, by key, in the order in which the keys were first put. A live view; the bytes are copies. */
  readonly objects: ReadonlyMap<string, Media>
  /** Puts that succeeded, repeated ones included. */
  readonly puts: number
  /** Forgets the objects and the count. */
  clear(): void
}

/** Keeps pictures in memory, for tests and for programs that use them at once. Their URI is `memory:<key>`. */
export function memorySink(options: MemorySinkOptions = {}): MemorySink {
  expectKnownOptions('memorySink', options, ['maxObjects'])
  const { maxObjects } = options
  if (maxObjects !== undefined) expectNumber('maxObjects', maxObjects, { min: 1, integer: true })
  const objects = new Map<string, Media>()
  let puts = 0

  return {
    specVersion: 1,
    adapter: 'memory',
    objects,
    get puts() {
      return puts
    },
    async put(media, { key, signal }) {
      signal.throwIfAborted()
      expectSnapshot(media, 'memory')
      objects.set(key, { ...media, data: media.data.slice() })
      puts += 1
      if (maxObjects !== undefined && objects.size > maxObjects) {
        for (const oldest of objects.keys()) {
          objects.delete(oldest)
          break
        }
      }
      return { uri: `memory:${key}` }
    },
    clear() {
      objects.clear()
      puts = 0
    },
  }
}
