import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type { FrameSink } from '@snapmint/core/adapter'
import { createDeadline, teardownMs, type Within } from '../runner/within.js'
import type { FrameSinkConformanceOptions, FrameSinkHarness } from './frame-sink-options.js'
import type { KeyedPicture } from './make-picture.js'

/** What a rule works with: a sink over an empty store, each call guarded by the rule's deadline. */
export interface SinkTest {
  readonly sink: FrameSink
  readonly harness: FrameSinkHarness
  readonly within: Within
  readonly largeBytes: number
  /** Puts the picture; resolves to its uri. */
  put(picture: KeyedPicture, jobIds?: readonly string[]): Promise<string>
  /** Puts them as core does: at most `maxInFlight` at a time. */
  putTogether(pictures: readonly KeyedPicture[]): Promise<string[]>
  /** Reads `uri` in the store and compares it with `expected`. @throws AssertionError */
  expectStored(uri: string, expected: Uint8Array, what: string): Promise<void>
}

/** How many puts core runs at a time where the sink says nothing. */
const defaultInFlight = 8

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex').slice(0, 16)

function createSinkTest(harness: FrameSinkHarness, within: Within, largeBytes: number): SinkTest {
  const { sink } = harness
  const { signal } = new AbortController()
  const put: SinkTest['put'] = async ({ key, media }, jobIds = ['job-1']) => {
    const result = await within(`put() of ${key} should resolve`, sink.put(media, { key, jobIds, signal }))
    assert.equal(typeof result, 'object', `put() must resolve to { uri }, not ${String(result)}`)
    return result?.uri
  }
  return {
    sink,
    harness,
    within,
    largeBytes,
    put,
    async putTogether(pictures) {
      const uris: string[] = []
      const waiting = pictures.map((picture, index) => ({ picture, index }))
      const work = async () => {
        for (let next = waiting.shift(); next; next = waiting.shift()) uris[next.index] = await put(next.picture)
      }
      await Promise.all(Array.from({ length: sink.maxInFlight ?? defaultInFlight }, work))
      return uris
    },
    async expectStored(uri, expected, what) {
      const reading = Promise.resolve(harness.read(uri)).catch((thrown: unknown) =>
        assert.fail(`${what}: nothing can be read at the uri ${JSON.stringify(uri)} that put() answered: ${String(thrown)}`),
      )
      const stored = await within(`read() of the harness, ${uri}`, reading)
      const same = stored.byteLength === expected.byteLength && Buffer.compare(stored, expected) === 0
      assert.ok(
        same,
        `${what}: ${uri} holds ${stored.byteLength} bytes (sha256 ${digest(stored)}…) where ${expected.byteLength} (${digest(expected)}…) were put`,
      )
    },
  }
}

/** Opens a store for each rule, and clears it away. */
export function createSinkTests(
  options: FrameSinkConformanceOptions,
): (check: (test: SinkTest) => Promise<void>) => Promise<void> {
  const { timeoutMs = 3000, largeBytes = 8 * 2 ** 20 } = options
  return async (check) => {
    const within = createDeadline(timeoutMs)
    const harness = await within('create() should open a store', Promise.resolve(options.create()))
    try {
      await check(createSinkTest(harness, within, largeBytes))
    } finally {
      await createDeadline(teardownMs)('teardown() of the harness', Promise.resolve(harness.teardown?.()))
    }
  }
}
