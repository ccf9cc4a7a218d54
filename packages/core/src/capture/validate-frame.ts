import { types } from 'node:util'
import { SnapmintError } from '../errors/snapmint-error.js'
import type { EpochMs, Frame } from '../spec/frame.js'
import { showValue } from './source-error.js'

const rotations: readonly unknown[] = [0, 90, 180, 270]

/** Largest width and height that the history's table holds. */
const maxSize = 0xffff

export interface FrameLimits {
  /** The pipeline's clock. */
  readonly now: EpochMs
  /** How far captureTime may be ahead of it, in ms. */
  readonly maxAheadMs: number
}

/**
 * Checks what a source yielded, as far as it can be judged without the history: its shape, that it has bytes, and its captureTime against the
 * pipeline's clock. Each property is read once: what is returned cannot change any more, whatever object it came from.
 *
 * @returns the frame, its bytes not copied.
 * @throws `SNAPMINT_FRAME_INVALID`, `SNAPMINT_FRAME_EMPTY`, `SNAPMINT_FRAME_TIME_INVALID`, `SNAPMINT_FRAME_TIME_FUTURE`.
 */
export function validateFrame(value: unknown, limits: FrameLimits): Frame {
  if (typeof value !== 'object' || value === null)
    throw invalid(`A source yields frames, objects with \`data\` and \`captureTime\`; this one yielded ${showValue(value)}`)
  const frame = readProperties(value)
  const { captureTime, data, codedWidth, codedHeight, rotation } = frame
  if (!types.isUint8Array(data))
    throw invalid(`A frame's \`data\` is a Uint8Array with its encoded bytes; got ${showValue(data)}`)
  checkFormat(frame)
  if (!isSize(codedWidth) || !isSize(codedHeight) || !(rotation === undefined || rotations.includes(rotation))) {
    const got = `${showValue(codedWidth)} × ${showValue(codedHeight)}, rotation ${showValue(rotation)}`
    throw invalid(`A frame's size is in whole pixels up to ${maxSize} and its rotation 0, 90, 180 or 270; got ${got}`)
  }
  if (data.byteLength === 0) throw new SnapmintError('SNAPMINT_FRAME_EMPTY', 'A frame has no bytes')
  checkTime(captureTime, limits)
  return frame as unknown as Frame
}

/** Of the two kinds of frames, with what each of them has. This runs for every frame of every source: one object is made, and no more. */
function readProperties(value: object): Record<string, unknown> {
  try {
    const { captureTime, data, mimeType, codec, type, codedWidth, codedHeight, rotation } = value as Record<string, unknown>
    if (codec === undefined) return { mimeType, captureTime, data, codedWidth, codedHeight, rotation }
    if (mimeType === undefined) return { codec, type, captureTime, data, codedWidth, codedHeight, rotation }
    return { mimeType, codec, type, captureTime, data, codedWidth, codedHeight, rotation }
  } catch (thrown) {
    throw invalid(`A frame could not be read: ${showValue(thrown)}`)
  }
}

function checkFormat({ mimeType, codec, type }: Record<string, unknown>): void {
  if (codec === undefined && typeof mimeType === 'string' && mimeType.startsWith('image/')) return
  if (mimeType === undefined && typeof codec === 'string' && codec !== '' && (type === 'key' || type === 'delta')) return
  const got = `mimeType ${showValue(mimeType)}, codec ${showValue(codec)}, type ${showValue(type)}`
  throw invalid(
    `A frame has either a \`mimeType\` of the form image/…, or a \`codec\` and the \`type\` 'key' or 'delta'; got ${got}`,
  )
}

function checkTime(captureTime: unknown, { now, maxAheadMs }: FrameLimits): asserts captureTime is EpochMs {
  if (typeof captureTime !== 'number' || !Number.isFinite(captureTime) || captureTime < 0)
    throw new SnapmintError(
      'SNAPMINT_FRAME_TIME_INVALID',
      `A frame's \`captureTime\` is a number of ms since the Unix epoch; got ${showValue(captureTime)}`,
    )
  if (captureTime <= now + maxAheadMs) return
  const ahead = `A frame's captureTime is ${Math.round(captureTime - now)} ms ahead of the pipeline's clock, of which ${maxAheadMs} ms are accepted`
  throw new SnapmintError(
    'SNAPMINT_FRAME_TIME_FUTURE',
    `${ahead}: correct the device's clock or the unit, or raise \`maxAheadMs\``,
  )
}

function isSize(value: unknown): value is number | undefined {
  return value === undefined || (Number.isInteger(value) && (value as number) > 0 && (value as number) <= maxSize)
}

function invalid(message: string): SnapmintError {
  return new SnapmintError('SNAPMINT_FRAME_INVALID', message)
}
