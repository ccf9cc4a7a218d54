import assert from 'node:assert/strict'
import { types } from 'node:util'
import type { Rule } from '../../runner/rule.js'
import { isVideoChunk } from '../frame-sample.js'
import { expectDescription, expectPicture } from '../picture-format.js'
import type { SourceTest } from '../source-test.js'

/** What a frame is made of. */
export const frameRules: readonly Rule<SourceTest>[] = [
  {
    title: 'yields frames until it is told to end',
    async check({ sample }) {
      await sample()
    },
  },
  {
    title: 'yields frames with bytes, as a Uint8Array that is not empty',
    async check({ sample }) {
      for (const { frame, position } of (await sample()).frames) {
        assert.ok(
          types.isUint8Array(frame.data),
          `Frame ${position}: \`data\` must be a Uint8Array (a Buffer is one), not ${Object.prototype.toString.call(frame.data)}`,
        )
        assert.ok(frame.data.byteLength > 0, `Frame ${position} is empty: leave out what the device could not deliver, or throw`)
      }
    },
  },
  {
    title: 'says of each frame what it is, and tells the truth',
    async check({ sample, settings }) {
      const { video } = settings.capabilities
      for (const { frame, position, bytes } of (await sample()).frames) {
        const what = `Frame ${position}`
        const isImage = 'mimeType' in frame
        assert.ok(
          isImage !== isVideoChunk(frame),
          `${what} must have either \`mimeType\` (a still) or \`codec\` and \`type\` (a chunk of video)`,
        )
        assert.equal(
          isVideoChunk(frame),
          video,
          `${what} is ${video ? 'a still, but the source declares `video`' : 'a chunk of video: declare the capability `video`'}`,
        )
        if (isImage) expectPicture(frame.mimeType, bytes, what)
      }
    },
  },
  {
    title: 'describes size and rotation as the picture has them',
    async check({ sample }) {
      for (const { frame, position, bytes } of (await sample()).frames) expectDescription(frame, bytes, `Frame ${position}`)
    },
  },
]
