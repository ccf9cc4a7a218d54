import type { Planes } from '../raster/planes.js'
import { createBlockCoder } from './block-coder.js'
import { jpegHeader } from './jpeg-header.js'

/**
 * A baseline JPEG encoder for pictures of which little changes. The file is cut by restart markers into short segments that do not depend
 * on each other; the bytes of each are kept, and only those whose pixels changed are coded again. A frame of which a twentieth changed costs a
 * twentieth of a full encode. Plain JavaScript on purpose: a native encoder takes the whole process down when its worker is terminated during a call.
 */
export interface SegmentedJpegEncoder {
  /** Pixels from (left, top) up to but not including (right, bottom) changed. May exceed the picture. */
  markDirty(left: number, top: number, right: number, bottom: number): void
  /**
   * From now on this area shows `planes` instead of the canvas. Position and size are multiples of 16.
   */
  cover(left: number, top: number, width: number, height: number, planes: Planes): void
  /** Codes what changed and returns the size of the whole file in bytes. */
  update(): number
  /** Writes the file as of the last `update()` to the start of `target`. */
  write(target: Uint8Array): void
}

export interface SegmentedJpegEncoderOptions {
  readonly width: number
  readonly height: number
  /** From 1 to 100. */
  readonly quality: number
  /** What the picture shows; its size is rounded up to multiples of 16. */
  readonly canvas: Planes
}

interface Layer {
  readonly planes: Planes
  readonly column: number
  readonly row: number
}

const mcusPerSegment = 8

export function createSegmentedJpegEncoder(options: SegmentedJpegEncoderOptions): SegmentedJpegEncoder {
  const { width, height, quality, canvas } = options
  const columns = Math.ceil(width / 16)
  const rows = Math.ceil(height / 16)
  const mcuCount = columns * rows
  const segmentCount = Math.ceil(mcuCount / mcusPerSegment)
  const header = jpegHeader({ width, height, quality, interval: mcusPerSegment })
  const coder = createBlockCoder(quality, mcusPerSegment * 6)
  const layers: Layer[] = [{ planes: canvas, column: 0, row: 0 }]
  const layerOfMcu = new Uint8Array(mcuCount)
  const dirty = new Uint8Array(segmentCount).fill(1)
  const segments: Uint8Array[] = Array.from({ length: segmentCount }, () => new Uint8Array(0))
  let byteLength = header.length + 2 * (segmentCount - 1) + 2

  function codeMcu(mcu: number): void {
    const { planes, column, row } = layers[layerOfMcu[mcu]!]!
    const x = (mcu % columns) - column
    const y = Math.floor(mcu / columns) - row
    const { data: luma, stride } = planes.luma
    const at = y * 16 * stride + x * 16
    coder.code(0, luma, at, stride)
    coder.code(0, luma, at + 8, stride)
    coder.code(0, luma, at + 8 * stride, stride)
    coder.code(0, luma, at + 8 * stride + 8, stride)
    const chromaAt = y * 8 * planes.cb.stride + x * 8
    coder.code(1, planes.cb.data, chromaAt, planes.cb.stride)
    coder.code(2, planes.cr.data, chromaAt, planes.cr.stride)
  }

  function codeSegment(index: number): void {
    coder.begin()
    const end = Math.min(mcuCount, (index + 1) * mcusPerSegment)
    for (let mcu = index * mcusPerSegment; mcu < end; mcu++) codeMcu(mcu)
    const coded = coder.end()
    const kept = segments[index]!
    byteLength += coded.length - kept.length
    // Room to grow, so that a segment which changes with every frame is not allocated anew with every frame.
    const memory = coded.length <= kept.buffer.byteLength ? kept.buffer : new ArrayBuffer(Math.ceil(coded.length * 1.25) + 16)
    const view = new Uint8Array(memory, 0, coded.length)
    view.set(coded)
    segments[index] = view
  }

  function markDirty(left: number, top: number, right: number, bottom: number): void {
    const firstColumn = Math.max(0, Math.floor(left / 16))
    const lastColumn = Math.min(columns, Math.ceil(right / 16)) - 1
    if (lastColumn < firstColumn) return
    const lastRow = Math.min(rows, Math.ceil(bottom / 16)) - 1
    for (let row = Math.max(0, Math.floor(top / 16)); row <= lastRow; row++) {
      const from = Math.floor((row * columns + firstColumn) / mcusPerSegment)
      const to = Math.floor((row * columns + lastColumn) / mcusPerSegment)
      dirty.fill(1, from, to + 1)
    }
  }

  return {
    markDirty,
    cover(left, top, coverWidth, coverHeight, planes) {
      const [column, row] = [left / 16, top / 16]
      const layer = layers.push({ planes, column, row }) - 1
      const endColumn = Math.min(columns, column + coverWidth / 16)
      const endRow = Math.min(rows, row + coverHeight / 16)
      for (let y = row; y < endRow; y++) layerOfMcu.fill(layer, y * columns + column, y * columns + endColumn)
      markDirty(left, top, left + coverWidth, top + coverHeight)
    },
    update() {
      for (let index = 0; index < segmentCount; index++) {
        if (dirty[index] === 0) continue
        dirty[index] = 0
        codeSegment(index)
      }
      return byteLength
    },
    write(target) {
      target.set(header)
      let at = header.length
      for (let index = 0; index < segmentCount; index++) {
        const segment = segments[index]!
        target.set(segment, at)
        at += segment.length
        target[at++] = 0xff
        target[at++] = index === segmentCount - 1 ? 0xd9 : 0xd0 + (index & 7)
      }
    },
  }
}
