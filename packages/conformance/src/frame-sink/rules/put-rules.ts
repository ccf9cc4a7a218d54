import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describeThrown } from '../../runner/abort-error.js'
import { expectIdentity } from '../../runner/identity-rule.js'
import type { Rule } from '../../runner/rule.js'
import { makeBytes, makePicture } from '../make-picture.js'
import type { SinkTest } from '../sink-test.js'

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

export const identityRules: readonly Rule<SinkTest>[] = [
  {
    title: 'declares specVersion 1, the short name of its adapter and how many puts it takes at a time',
    async check({ sink }) {
      expectIdentity(sink)
      const { maxInFlight } = sink
      assert.ok(
        maxInFlight === undefined || (Number.isInteger(maxInFlight) && maxInFlight > 0),
        `\`maxInFlight\` must be a whole number above 0, not ${maxInFlight}`,
      )
      assert.equal(typeof sink.put, 'function', '`put` must be a function')
    },
  },
]

/** What is stored. */
export const putRules: readonly Rule<SinkTest>[] = [
  {
    title: 'answers a uri that is not empty',
    async check({ put }) {
      const uri = await put(makePicture(1))
      assert.ok(
        typeof uri === 'string' && uri.trim() !== '',
        `put() must answer where the picture is, in \`uri\`, not ${JSON.stringify(uri)}`,
      )
    },
  },
  {
    title: 'has stored every byte when put() resolves',
    async check({ put, expectStored }) {
      const picture = makePicture(1)
      await expectStored(await put(picture), picture.media.data, 'A picture of 4 KiB')
    },
  },
  {
    title: 'stores a picture of one byte',
    async check({ put, expectStored }) {
      const picture = makePicture(1, { data: makeBytes(1, 7) })
      await expectStored(await put(picture), picture.media.data, 'A picture of one byte')
    },
  },
  {
    title: 'stores a picture of many megabytes',
    async check({ put, expectStored, largeBytes }) {
      const picture = makePicture(1, { data: makeBytes(largeBytes, 3) })
      await expectStored(await put(picture), picture.media.data, `A picture of ${largeBytes} bytes`)
    },
  },
  {
    title: 'stores the bytes of the view, not those of the buffer behind it',
    async check({ put, expectStored }) {
      const data = makeBytes(4096, 5).subarray(1000, 3000)
      await expectStored(await put(makePicture(1, { data })), data, 'A view of 2000 bytes into a buffer of 4096')
    },
  },
  {
    title: 'stores a picture that answers ten thousand jobs',
    async check({ put, expectStored }) {
      const picture = makePicture(1)
      const jobIds = Array.from({ length: 10_000 }, (_item, index) => `mint-${index}-für-алису`)
      await expectStored(await put(picture, jobIds), picture.media.data, 'A picture for ten thousand jobs')
      const nobodys = makePicture(2)
      await expectStored(await put(nobodys, []), nobodys.media.data, 'A picture for no job')
    },
  },
]

/** Whose the bytes are. */
export const ownershipRules: readonly Rule<SinkTest>[] = [
  {
    title: 'leaves the media as it is',
    async check({ put }) {
      const { key, media } = makePicture(1)
      const frozen = Object.freeze({ ...media })
      const jobIds = Object.freeze(['job-1', 'job-2'])
      await put({ key, media: frozen }, jobIds).catch((thrown: unknown) =>
        assert.fail(
          `put() rejected media that are frozen: every sink of the route shares them, so read and never write (${describeThrown(thrown)})`,
        ),
      )
      assert.equal(
        sha256(frozen.data),
        media.sha256,
        'put() has changed the bytes of the picture: every sink of the route shares them',
      )
    },
  },
  {
    title: 'keeps what was put, whatever becomes of the buffer afterwards',
    async check({ put, expectStored }) {
      const picture = makePicture(1)
      const original = picture.media.data.slice()
      const uri = await put(picture)
      picture.media.data.fill(0)
      await expectStored(
        uri,
        original,
        'The buffer was overwritten after put() had resolved: it is core’s; store the bytes, not a view',
      )
    },
  },
]

/** Repeating. */
export const repeatRules: readonly Rule<SinkTest>[] = [
  {
    title: 'answers a repeated put with the same uri and the same bytes behind it',
    async check({ put, expectStored, harness, within }) {
      const picture = makePicture(1)
      const uri = await put(picture)
      const before = await within('list() of the harness', Promise.resolve(harness.list?.()))
      for (let time = 2; time <= 3; time += 1) {
        const again = await put(picture).catch((thrown: unknown) =>
          assert.fail(
            `put() rejected a repeated put: ${describeThrown(thrown)}. Core repeats a put whose answer was lost, so an equal object is a success`,
          ),
        )
        assert.equal(
          again,
          uri,
          `The ${time}. put of the same picture under the same key answered another uri, ${again} instead of ${uri}`,
        )
        await expectStored(again, picture.media.data, `After the ${time}. put`)
      }
      const after = await within('list() of the harness', Promise.resolve(harness.list?.()))
      assert.equal(after?.length, before?.length, 'A repeated put left another object in the store')
    },
  },
  {
    title: 'takes several puts of the same picture at the same time',
    async check({ putTogether, expectStored }) {
      const picture = makePicture(1, { data: makeBytes(200_000, 9) })
      const uris = new Set(await putTogether(Array.from({ length: 8 }, () => picture)))
      assert.equal(uris.size, 1, `Eight puts of the same picture answered different uris: ${[...uris].join(', ')}`)
      for (const uri of uris) await expectStored(uri, picture.media.data, 'After eight puts at the same time')
    },
  },
  {
    title: 'takes puts of many pictures at the same time',
    async check({ putTogether, expectStored }) {
      const pictures = Array.from({ length: 40 }, (_item, index) =>
        makePicture(index, { data: makeBytes(20_000 + index, index) }),
      )
      const uris = await putTogether(pictures)
      assert.equal(
        new Set(uris).size,
        pictures.length,
        `${pictures.length} different pictures share ${new Set(uris).size} uris: some were overwritten`,
      )
      for (const [index, { key, media }] of pictures.entries())
        await expectStored(uris[index] ?? '', media.data, `${key}, put among others`)
    },
  },
]
