import type { Frame, FrameSource, VideoChunk } from '@snapmint/core/adapter'
import { annexBKey, tinyJpeg } from '../reference/pictures.js'
import { changedSource, referenceSource, referenceVideoSource } from '../reference/reference-source.js'
import type { BrokenSource } from './broken-source.js'

const hasBytes = 'frames › yields frames with bytes, as a Uint8Array that is not empty'
const isWhatItSays = 'frames › says of each frame what it is, and tells the truth'
const isDescribed = 'frames › describes size and rotation as the picture has them'
const ownsBytes = 'memory › does not touch the bytes of a frame after yielding it'
const usesAllocate = 'memory › yields what allocate() returned last, from its first byte'
const keyFirst = 'frames › begins each run with a key chunk'
const chunkNames = 'frames › names codec and type of each chunk as WebCodecs does'
const annexB = 'frames › sends H.264 and H.265 in Annex B form, parameter sets before each key chunk'
const decodes = 'frames › brings a decoder that turns the last chunk of a run into a picture of that moment'
const video = { capabilities: { video: true } }

function changedChunks(change: (chunk: VideoChunk, number: number) => Frame): FrameSource {
  return changedSource((frame, _context, number) => change(frame as VideoChunk, number), referenceVideoSource())
}

/** Every frame in the same 4 KiB, as a reader with one buffer does it. */
function reusesBuffer(): FrameSource {
  const buffer = new Uint8Array(4096)
  return changedSource((frame) => {
    buffer.set(frame.data)
    return { ...frame, data: buffer.subarray(0, frame.data.byteLength) }
  })
}

/** One area of the history for all frames. */
function reusesAllocation(): FrameSource {
  let view: Uint8Array | undefined
  return changedSource((frame, { allocate }) => {
    view ??= allocate(4096)
    view.set(frame.data)
    return { ...frame, data: view.subarray(0, frame.data.byteLength) }
  })
}

/** Not the first bytes of the area. */
function yieldsTail(): FrameSource {
  return changedSource((frame, { allocate }) => {
    const view = allocate(frame.data.byteLength + 16)
    view.set(frame.data, 16)
    return { ...frame, data: view.subarray(16) }
  })
}

export const sourcesWithBrokenFrames: Readonly<Record<string, BrokenSource>> = {
  'reuses one buffer for all frames': { create: reusesBuffer, fails: [ownsBytes] },
  'yields the very same bytes again and again': {
    create: () => {
      const data = tinyJpeg('the only picture')
      return changedSource((frame) => ({ ...frame, data }))
    },
    fails: [ownsBytes],
  },
  'yields empty frames': {
    create: () => changedSource(({ captureTime }) => ({ mimeType: 'image/gif', captureTime, data: new Uint8Array(0) })),
    fails: [hasBytes],
  },
  'yields a DataView': {
    create: () =>
      changedSource((frame) => ({ ...frame, data: new DataView(frame.data.slice().buffer) as unknown as Uint8Array })),
    fails: [hasBytes],
  },
  'calls a JPEG a PNG': {
    create: () => changedSource((frame) => ({ ...frame, mimeType: 'image/png', codedWidth: undefined, codedHeight: undefined })),
    fails: [isWhatItSays],
  },
  'calls JPEG image/jpg': {
    create: () => changedSource((frame) => ({ ...frame, mimeType: 'image/jpg' })),
    fails: [isWhatItSays],
  },
  'yields half of each picture': {
    create: () => changedSource((frame) => ({ ...frame, data: frame.data.slice(0, frame.data.byteLength - 2) })),
    fails: [isWhatItSays],
  },
  'names neither mimeType nor codec': {
    create: () => changedSource(({ captureTime, data }) => ({ captureTime, data }) as Frame),
    fails: [isWhatItSays],
  },
  'states another size than the picture has': {
    create: () => changedSource((frame) => ({ ...frame, codedWidth: 1920, codedHeight: 1080 })),
    fails: [isDescribed],
  },
  'rotates by 45 degrees': {
    create: () => changedSource((frame) => ({ ...frame, rotation: 45 as 90 })),
    fails: [isDescribed],
  },
  'reuses one area of the history': {
    create: reusesAllocation,
    options: { capabilities: { usesAllocate: true } },
    fails: [ownsBytes],
  },
  'yields the tail of the area that allocate() returned': {
    create: yieldsTail,
    options: { capabilities: { usesAllocate: true } },
    fails: [usesAllocate],
  },
  'declares usesAllocate and never calls allocate()': {
    create: () => referenceSource(),
    options: { capabilities: { usesAllocate: true } },
    fails: [usesAllocate],
  },
  'uses allocate() without declaring it': {
    create: () => referenceSource({ allocate: true }),
    fails: ['memory › declares `usesAllocate` when it uses allocate()'],
  },
  'yields video without declaring it': { create: referenceVideoSource, fails: [isWhatItSays] },
  'begins with a delta chunk': {
    create: () => changedChunks((chunk) => ({ ...chunk, type: 'delta' })),
    options: video,
    fails: [keyFirst],
  },
  'calls its codec h264': {
    create: () => changedChunks((chunk) => ({ ...chunk, codec: 'h264' })),
    options: video,
    fails: [chunkNames],
  },
  'sends H.264 with length prefixes': {
    create: () => changedChunks((chunk) => ({ ...chunk, data: Uint8Array.from([0, 0, 0, 9, ...chunk.data.slice(4)]) })),
    options: video,
    fails: [annexB],
  },
  'sends key chunks without parameter sets': {
    create: () =>
      changedChunks((chunk, number) => (chunk.type === 'delta' ? chunk : { ...chunk, data: annexBKey(number).slice(-8) })),
    options: video,
    fails: [annexB],
  },
  'calls a delta a key': {
    create: () =>
      changedChunks((chunk, number) => ({
        ...chunk,
        type: 'key',
        data: Uint8Array.from([...annexBKey(number).slice(0, -8), ...chunk.data.slice(-8)]),
      })),
    options: video,
    fails: [annexB],
  },
  'brings no decoder for its video': {
    create: () => ({ ...referenceVideoSource(), decoder: undefined }),
    options: video,
    fails: [decodes],
  },
  'decodes to a picture of another moment': {
    create: () => ({
      ...referenceVideoSource(),
      decoder: {
        decode: async ([first]) => ({ mimeType: 'image/jpeg', captureTime: first?.captureTime ?? 0, data: tinyJpeg('first') }),
      },
    }),
    options: video,
    fails: [decodes],
  },
}
