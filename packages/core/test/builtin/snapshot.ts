import { createHash } from 'node:crypto'
import type { Snapshot } from '../../src/spec/media.js'

export function snapshot(content: string | Uint8Array, extra: Partial<Snapshot> = {}): Snapshot {
  const data = new Uint8Array(Buffer.from(content))
  return {
    kind: 'snapshot',
    source: 'easel',
    captureTime: Date.UTC(2026, 10, 21, 9, 5, 7, 42),
    mimeType: 'image/jpeg',
    data,
    sha256: createHash('sha256').update(data).digest('hex'),
    ...extra,
  }
}
