import assert from 'node:assert/strict'
import type { Rule } from '../../runner/rule.js'
import { makeBytes, makePicture } from '../make-picture.js'
import type { SinkTest } from '../sink-test.js'

/**
 * First parts of keys as core makes them of sources' names: letters and digits of any script, dots, `_`, `-` and percent-encoded
 * bytes, at most 200 bytes of UTF-8.
 */
const ordinary = [
  'easel',
  'Atelier_Süd',
  'アトリエ-1',
  'cam.0',
  'студия',
  '画室',
  'アトリエ',
  'x'.repeat(200),
  `${'x'.repeat(199)}y`,
]

/** "a b", "a%20b" and others that come out alike when a sink decodes or tidies up its keys. */
const alike = ['a%20b', 'a%2520b', 'a_b', 'a-b', 'a.b', 'ab', 'a20b', 'a%2Fb', 'a%23b', 'a%3Fb']

async function expectApart({ put, expectStored }: SinkTest, sources: readonly string[]): Promise<void> {
  const pictures = sources.map((source, index) => ({ ...makePicture(1, { source, data: makeBytes(1000, index) }), source }))
  const uris = new Map<string, string>()
  for (const picture of pictures) {
    const uri = await put(picture)
    assert.equal(
      uris.get(uri),
      undefined,
      `The keys ${uris.get(uri)} and ${picture.key} have the same uri ${uri}: one picture overwrites the other`,
    )
    uris.set(uri, picture.key)
  }
  for (const [index, uri] of [...uris.keys()].entries()) {
    const picture = pictures[index]!
    await expectStored(uri, picture.media.data, `The key ${picture.key}`)
  }
}

/** What pictures are called. */
export const keyRules: readonly Rule<SinkTest>[] = [
  {
    title: 'stores under keys of any script, with fractions of a millisecond, and long ones',
    check: (test) => expectApart(test, ordinary),
  },
  {
    title: 'keeps keys apart that look alike',
    check: (test) => expectApart(test, alike),
  },
  {
    title: 'keeps pictures apart that were taken a microsecond apart',
    async check({ put, expectStored }) {
      const steps = [0, 0.001, 0.01, 0.1, 1]
      const pictures = steps.map((stepMs, index) => makePicture(index, { captureTime: 1_763_690_400_000 + stepMs }))
      const uris: string[] = []
      for (const picture of pictures) uris.push(await put(picture))
      for (const [index, picture] of pictures.entries())
        await expectStored(uris[index] ?? '', picture.media.data, `The key ${picture.key}`)
    },
  },
]

/** For stores that name an object by its key. */
export const keyedRules: readonly Rule<SinkTest>[] = [
  {
    title: 'stores the same bytes under two keys as two objects',
    async check({ put, expectStored }) {
      const data = makeBytes(1000, 1)
      const [first, second] = [makePicture(1, { data }), makePicture(2, { data })]
      const uris = [await put(first), await put(second)]
      assert.notEqual(
        uris[0],
        uris[1],
        `The keys ${first.key} and ${second.key} have the same uri ${uris[0]}; declare \`keyed: false\` where the content names the object`,
      )
      for (const uri of uris) await expectStored(uri, data, 'One of two objects with the same bytes')
    },
  },
]
