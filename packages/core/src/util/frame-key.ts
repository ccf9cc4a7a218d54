import type { EpochMs } from '../spec/frame.js'
import { encodePathSegment } from './path-segment.js'

const extensions: Readonly<Record<string, string>> = { jpeg: 'jpg', 'svg+xml': 'svg' }

/**
 * Key of a picture: `<source>/<captureTime>.<extension>`, such as `easel/1763688000123.jpg`. The same for the same picture in every process and run.
 * Two distinct sources, or two times at least a microsecond apart, never share one.
 *
 * @throws RangeError when `captureTime` is no finite number of at least 0.
 */
export function frameKey(source: string, captureTime: EpochMs, mimeType: string): string {
  return `${encodePathSegment(source)}/${formatCaptureTime(captureTime)}.${fileExtension(mimeType)}`
}

/**
 * Milliseconds since the epoch in decimal, to the microsecond: `1763688000123`, or `1763688000123.437` when there is a fraction.
 *
 * @throws RangeError when `captureTime` is no finite number of at least 0.
 */
export function formatCaptureTime(captureTime: EpochMs): string {
  if (!(captureTime >= 0 && captureTime <= Number.MAX_SAFE_INTEGER))
    throw new RangeError(`Expected \`captureTime\` to be milliseconds since the Unix epoch, got \`${captureTime}\``)
  const { wholeMs, microseconds } = splitMicroseconds(captureTime)
  if (microseconds === 0) return String(wholeMs)
  return `${wholeMs}.${String(microseconds).padStart(3, '0').replace(/0+$/, '')}`
}

/** Rounds to the nearest microsecond. The fraction is split off first because the difference is exact, and a product with 1000 is not. */
export function splitMicroseconds(time: EpochMs): { readonly wholeMs: number; readonly microseconds: number } {
  const wholeMs = Math.floor(time)
  const microseconds = Math.round((time - wholeMs) * 1000)
  return microseconds === 1000 ? { wholeMs: wholeMs + 1, microseconds: 0 } : { wholeMs, microseconds }
}

/** File extension for a MIME type, without the dot: `image/jpeg` → `jpg`, `image/svg+xml` → `svg`; otherwise the subtype. */
export function fileExtension(mimeType: string): string {
  const subtype = (mimeType.split(';', 1)[0] ?? '').trim().toLowerCase().split('/')[1] ?? ''
  return extensions[subtype] ?? (subtype.replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '') || 'bin')
}
