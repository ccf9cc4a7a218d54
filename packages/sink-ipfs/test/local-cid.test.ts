import { describe, expect, it } from 'vitest'
import { fileCid, folderCids, folderName } from '../src/local-cid.js'
import { makeBytes } from './fixtures/make-picture.js'
import { folderCid, rawCid } from './fixtures/reference-cid.js'

const layout = { cidVersion: 1, rawLeaves: true, chunkBytes: 262_144 } as const
const text = (content: string) => new Uint8Array(Buffer.from(content))

describe('the CIDs that are computed here', () => {
  it('are those by which everybody knows the same content', async () => {
    // "hello world" as one raw block: the fixture of nixpkgs' fetchFromIpfs tests and of many a test suite in Rust, Go and JavaScript.
    expect(await fileCid(text('hello world'), layout)).toBe('bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e')
    // "hello world" and a line break, by `ipfs add` without options: the oldest example there is.
    const old = { cidVersion: 0, rawLeaves: false, chunkBytes: 262_144 } as const
    expect(await fileCid(text('hello world\n'), old)).toBe('QmT78zSuBmuS4z925WZfrqQ1qHaJ56DQaTfyMUF7F8ff5o')
  })

  it('are those that a js-ipfs node, of another lineage, gave to the same bytes', async () => {
    expect(await fileCid(makeBytes(3000, 3000), layout)).toBe('bafkreic3taitpsdlsoybay3qyrbpy4fghtvit3uhxtmge3kf5cvf4f3rha')
    expect(await fileCid(makeBytes(700_000, 700_000), layout)).toBe('bafybeihlco24dzr7sbyass3bxbzehuay35a6ecfh5folufqoqpozjktcvi')
    const contents = Array.from({ length: 12 }, (_item, index) => ({
      path: `${folderName}/${index}`,
      content: makeBytes(1000 + index * 30_000, index),
    }))
    const made = await folderCids(contents, layout)
    expect(made.get(folderName)).toBe('bafybeicmrfil4t355nygo7lmsw5t25j56562tusljsf6jsc7ir4thk76qy')
  })

  it('agree with hashes and protobuf written by hand, for files and folders of any number', async () => {
    for (const count of [1, 2, 11, 120]) {
      const files = Array.from({ length: count }, (_item, index) => makeBytes(100 + index * 37, index))
      const made = await folderCids(
        files.map((content, index) => ({ path: `${folderName}/${index}`, content })),
        layout,
      )
      expect(made.get(`${folderName}/${count - 1}`)).toBe(rawCid(files.at(-1)!))
      expect(made.get(folderName)).toBe(folderCid(Object.fromEntries(files.entries())))
    }
  })
})
