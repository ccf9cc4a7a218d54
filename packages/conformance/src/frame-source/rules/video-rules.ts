import assert from 'node:assert/strict'
import type { VideoChunk } from '@snapmint/core/adapter'
import type { Rule } from '../../runner/rule.js'
import { expectAnnexB } from '../annex-b.js'
import { isVideoChunk, type SampledFrame } from '../frame-sample.js'
import { expectPicture } from '../picture-format.js'
import type { SourceTest } from '../source-test.js'

const chunksOf = (frames: readonly SampledFrame[]) =>
  frames.flatMap(({ frame, position, bytes }) => (isVideoChunk(frame) ? [{ chunk: frame, position, bytes }] : []))

/** Chunks of a video stream. */
export const videoRules: readonly Rule<SourceTest>[] = [
  {
    title: 'begins each run with a key chunk',
    async check({ sample }) {
      const [first] = chunksOf((await sample()).frames)
      assert.ok(first, 'The source declares `video` and yielded no chunk')
      assert.equal(
        first.chunk.type,
        'key',
        'The first chunk of a run must be a key: a delta that follows no key cannot be decoded and is refused',
      )
    },
  },
  {
    title: 'names codec and type of each chunk as WebCodecs does',
    async check({ sample }) {
      for (const { chunk, position } of chunksOf((await sample()).frames)) {
        assert.match(
          String(chunk.codec),
          /^[a-z0-9]+(\.[\w.-]+)?$/i,
          `Chunk ${position}: \`codec\` must be a codec string such as avc1.42001f, not ${JSON.stringify(chunk.codec)}`,
        )
        assert.ok(
          !/^(h\.?26[45]|avc1?|hevc|hvc1|hev1)$/i.test(chunk.codec),
          `Chunk ${position}: \`codec\` ${chunk.codec} lacks profile and level, as in avc1.42001f`,
        )
        assert.ok(
          ['key', 'delta'].includes(chunk.type),
          `Chunk ${position}: \`type\` must be 'key' or 'delta', not ${JSON.stringify(chunk.type)}`,
        )
      }
    },
  },
  {
    title: 'sends H.264 and H.265 in Annex B form, parameter sets before each key chunk',
    async check({ sample }) {
      for (const { chunk, position, bytes } of chunksOf((await sample()).frames))
        expectAnnexB(chunk.codec, chunk.type, bytes, `Chunk ${position}`)
    },
  },
]

/** The decoder that comes with a source of video. */
export const decoderRules: readonly Rule<SourceTest>[] = [
  {
    title: 'brings a decoder that turns the last chunk of a run into a picture of that moment',
    async check({ sample, within }) {
      const { source, frames } = await sample()
      assert.ok(
        source.decoder,
        'A source of video chunks needs a `decoder`, or declare `decoder: false`: without one nobody gets a still',
      )
      const chunks = chunksOf(frames)
      const nextKey = chunks.findIndex(({ chunk }, index) => index > 0 && chunk.type === 'key')
      const run = chunks
        .slice(0, nextKey < 0 ? undefined : nextKey)
        .map(({ chunk, bytes }): VideoChunk<ArrayBuffer> => ({ ...chunk, data: bytes.slice() }))
      const last = run.at(-1)
      assert.ok(last, 'The source declares a decoder and yielded no chunk to decode')
      const picture = await within(
        'decode() should turn a run into a picture',
        source.decoder.decode(run, { signal: new AbortController().signal }),
      )
      assert.equal(typeof picture.mimeType, 'string', 'decode() must answer an image frame, with `mimeType`')
      assert.ok(picture.data.byteLength > 0, 'decode() answered a picture without bytes')
      expectPicture(picture.mimeType, new Uint8Array(picture.data), 'The decoded picture')
      assert.equal(
        picture.captureTime,
        last.captureTime,
        'The decoded picture must carry the captureTime of the last chunk of its run',
      )
    },
  },
]
