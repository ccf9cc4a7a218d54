import assert from 'node:assert/strict'
import { setImmediate as turn } from 'node:timers/promises'
import { types } from 'node:util'
import { type FrameSink, type Media, SnapmintError } from '@snapmint/core/adapter'
import { abortReason, describeThrown, isAbortOf } from '../../runner/abort-error.js'
import { expectClassified, type FailureCase } from '../../runner/failure-case.js'
import type { Rule } from '../../runner/rule.js'
import { eventually } from '../../runner/within.js'
import { type KeyedPicture, makeBytes, makePicture } from '../make-picture.js'
import type { SinkTest } from '../sink-test.js'

type PutEnd = { readonly uri: string } | { readonly thrown: unknown }

async function endOf({ within }: SinkTest, what: string, putting: Promise<{ readonly uri: string }>): Promise<PutEnd> {
  const settled = putting.then(
    ({ uri }) => ({ uri }),
    (thrown: unknown) => ({ thrown }),
  )
  return await within(`${what} should settle`, settled)
}

/** Calls `put`, whose synchronous throw counts as a rejection. */
async function putMedia(
  { sink }: SinkTest,
  { media, key }: KeyedPicture,
  signal: AbortSignal,
): Promise<{ readonly uri: string }> {
  return await sink.put(media, { key, jobIds: ['job-1'], signal })
}

function expectAbort(signal: AbortSignal, end: PutEnd): void {
  if ('uri' in end) return
  assert.ok(
    isAbortOf(signal, end.thrown),
    `An abort is no failure: rethrow \`signal.reason\` untouched; this was thrown: ${describeThrown(end.thrown)}`,
  )
}

/** Every object in the store must be `data`, whole; a sink may still be clearing up. */
async function expectNoPart({ harness, within }: SinkTest, data: Uint8Array, when: string): Promise<void> {
  if (!harness.list) return
  const parts = async () => {
    const uris = await within('list() of the harness', harness.list!())
    const sizes = await Promise.all(uris.map(async (uri) => ({ uri, bytes: await harness.read(uri).catch(() => undefined) })))
    return sizes.filter(({ bytes }) => bytes !== undefined && Buffer.compare(bytes, data) !== 0)
  }
  let found: Awaited<ReturnType<typeof parts>> = []
  await eventually(
    async () => {
      found = await parts()
      return found.length === 0
    },
    {
      timeoutMs: 1000,
      message: () =>
        `A put that was aborted ${when} left a part behind: ${found.map(({ uri, bytes }) => `${uri} of ${bytes?.byteLength} bytes`).join(', ')}`,
    },
  )
}

/** Puts that are aborted. */
export const abortRules: readonly Rule<SinkTest>[] = [
  {
    title: 'rejects, and stores nothing, under a signal that has aborted already',
    async check(test) {
      const picture = makePicture(1)
      const signal = AbortSignal.abort(abortReason())
      const end = await endOf(test, 'put() under an aborted signal', putMedia(test, picture, signal))
      assert.ok(
        'thrown' in end,
        'put() resolved under a signal that had aborted before the call: nobody waits for this picture any more',
      )
      const left = await test.within('list() of the harness', Promise.resolve(test.harness.list?.() ?? []))
      assert.ok(left.length === 0, `put() under an aborted signal stored ${left.join(', ')}`)
    },
  },
  {
    title: "rejects an aborted put with the signal's reason",
    async check(test) {
      const before = AbortSignal.abort(abortReason())
      expectAbort(before, await endOf(test, 'put() under an aborted signal', putMedia(test, makePicture(1), before)))
      const during = new AbortController()
      const putting = putMedia(test, makePicture(2, { data: makeBytes(test.largeBytes, 2) }), during.signal)
      during.abort(abortReason())
      expectAbort(during.signal, await endOf(test, 'put() that is aborted under way', putting))
    },
  },
]

/** Puts that can be aborted while they run. */
export const abortDuringRules: readonly Rule<SinkTest>[] = [
  {
    title: 'leaves no part of a picture behind when a put is aborted under way',
    async check(test) {
      const data = makeBytes(test.largeBytes, 4)
      for (const turns of [0, 1, 3]) {
        const controller = new AbortController()
        const putting = putMedia(test, makePicture(1, { data }), controller.signal)
        putting.catch(() => {})
        for (let count = 0; count < turns; count += 1) await turn()
        controller.abort(abortReason())
        const end = await endOf(test, 'put() that is aborted under way', putting)
        if ('uri' in end) await test.expectStored(end.uri, data, 'put() had resolved in spite of the abort')
        await expectNoPart(test, data, `${turns} turns of the event loop after the call`)
      }
      await test.expectStored(await test.put(makePicture(1, { data })), data, 'Put again after it was aborted')
    },
  },
]

/** Media that the sink does not know. */
export const kindRules: readonly Rule<SinkTest>[] = [
  {
    title: 'rejects kinds of media that it does not know, for good',
    async check(test) {
      const picture = makePicture(1)
      const media = { ...picture.media, kind: 'hologram' } as unknown as Media
      const end = await endOf(
        test,
        'put() of an unknown kind',
        putMedia(test, { ...picture, media }, new AbortController().signal),
      )
      assert.ok('thrown' in end, "put() stored media of kind 'hologram': a later version's media would end up as broken pictures")
      assert.ok(
        types.isNativeError(end.thrown) || end.thrown instanceof Error,
        `Throw an Error, not ${describeThrown(end.thrown)}`,
      )
      const retryable = SnapmintError.isInstance(end.thrown) && end.thrown.retryable
      assert.ok(
        !retryable,
        `The error of an unknown kind must not be retryable: the same call can never succeed (${describeThrown(end.thrown)})`,
      )
    },
  },
]

export const closeRules: readonly Rule<SinkTest>[] = [
  {
    title: 'closes, and closes again without an error',
    async check({ sink, put, within }) {
      await put(makePicture(1))
      for (const which of ['first', 'second'])
        await within(`The ${which} close() should resolve`, Promise.resolve(sink.close?.()))
    },
  },
]

/** One rule for each failure that the adapter's test can bring about. */
export function failureRules(failures: readonly FailureCase<FrameSink>[]): readonly Rule<SinkTest>[] {
  return failures.map((failure) => ({
    title: `rejects a put with a SnapmintError on ${failure.name}`,
    async check(test) {
      const sink = await test.within('create() should return a sink', Promise.resolve(failure.create()))
      const putting = putMedia({ ...test, sink }, makePicture(1), new AbortController().signal)
      const end = await endOf(test, `put() on ${failure.name}`, putting)
      assert.ok('thrown' in end, `put() resolved on ${failure.name}: the job would be acknowledged and its picture lost`)
      expectClassified(end.thrown, failure)
    },
  }))
}
