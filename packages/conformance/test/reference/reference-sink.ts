import { setImmediate as turn } from 'node:timers/promises'
import { type FrameSink, SnapmintError } from '@snapmint/core/adapter'
import type { FrameSinkHarness } from '../../src/index.js'

/** A correct sink over a Map, slow enough to be aborted. */
export function referenceSink(objects: Map<string, Uint8Array>): FrameSink {
  return {
    specVersion: 1,
    adapter: 'reference',
    async put(media, { key, signal }) {
      signal.throwIfAborted()
      if (media.kind !== 'snapshot')
        throw new SnapmintError('SNAPMINT_SINK_FAILED', `Cannot store media of kind ${String(media.kind)}`)
      const copy = new Uint8Array(media.data)
      for (let count = 0; count < 4; count += 1) await turn()
      signal.throwIfAborted()
      const uri = `memory:${encodeURIComponent(key)}`
      objects.set(uri, copy)
      return { uri }
    },
    async close() {},
  }
}

/** A harness over a Map. `make` builds the sink: the reference one, or one that is broken. */
export function sinkHarness(make: (objects: Map<string, Uint8Array>) => FrameSink = referenceSink): FrameSinkHarness {
  const objects = new Map<string, Uint8Array>()
  return {
    sink: make(objects),
    async read(uri) {
      const bytes = objects.get(uri)
      if (bytes === undefined) throw new Error(`Nothing at ${uri}`)
      return bytes
    },
    list: async () => [...objects.keys()],
  }
}
