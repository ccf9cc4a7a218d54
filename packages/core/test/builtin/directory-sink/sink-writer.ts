import { createHash } from 'node:crypto'
import { directorySink } from '../../../src/builtin/directory-sink.js'

/** A process that stores pictures of a megabyte, each named after its content, until it is killed. Argument: the sink's directory. */
const [directory = ''] = process.argv.slice(2)
const sink = directorySink({ directory, template: '{date}/{sha256}.{ext}', fsync: false })
const { signal } = new AbortController()

async function storeForever(first: number): Promise<void> {
  for (let number = first; ; number += 4) {
    const data = new Uint8Array(2 ** 20).fill(number)
    new DataView(data.buffer).setFloat64(0, process.pid * 1e6 + number)
    const sha256 = createHash('sha256').update(data).digest('hex')
    const media = {
      kind: 'snapshot' as const,
      source: 'easel',
      captureTime: 1_795_251_907_042,
      mimeType: 'image/jpeg' as const,
      data,
      sha256,
    }
    await sink.put(media, { key: 'unused', jobIds: [], signal })
    process.send?.('stored')
  }
}

for (const first of [0, 1, 2, 3]) void storeForever(first)
