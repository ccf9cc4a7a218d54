import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Storage } from '@google-cloud/storage'
import { formatOffset, formatTime } from '../format.js'

/** How a job came out. */
export interface CheckedJob {
  readonly isRight: boolean
  /** Undefined where the document names none. */
  readonly objectName: string | undefined
  /** For people. */
  readonly text: string
}

export interface StoredPicture {
  readonly data: Uint8Array
  /** What the sink says of it: `captureTime`, `sha256`. */
  readonly metadata: Readonly<Record<string, string | undefined>>
}

/** Where the web site finds pictures. */
export interface PictureStore {
  readonly contract: string
  readonly read: (objectName: string) => Promise<StoredPicture>
  /** Absolute: a copy of each picture goes here, to be opened. */
  readonly directory: string
}

export function openPictureStore(
  storage: { bucket: string; apiEndpoint: string },
  contract: string,
  directory: string,
): PictureStore {
  const bucket = new Storage({ projectId: 'demo-sketchbox', apiEndpoint: storage.apiEndpoint }).bucket(storage.bucket)
  return {
    contract,
    directory,
    async read(objectName) {
      const file = bucket.file(objectName)
      const [[data], [{ metadata }]] = await Promise.all([file.download({ validation: false }), file.getMetadata()])
      return { data, metadata: (metadata ?? {}) as StoredPicture['metadata'] }
    },
  }
}

/** The document is as the original left it, and its object is there and is what the sink said it stored. */
export async function checkJob(
  dateCreated: number,
  data: Readonly<Record<string, unknown>>,
  store: PictureStore,
): Promise<CheckedJob> {
  const { mediaTimestamp } = data
  const wrong = (text: string, objectName?: string): CheckedJob => ({ isRight: false, objectName, text })
  const isWhole = typeof mediaTimestamp === 'number' && Number.isInteger(mediaTimestamp) && mediaTimestamp > 0
  if (!isWhole || Object.keys(data).sort().join() !== 'dateCreated,mediaTimestamp' || data.dateCreated !== dateCreated)
    return wrong(`the document came out as ${JSON.stringify(data)}`)
  const objectName = `frames/${store.contract}/${mediaTimestamp}.jpg`
  const picture = await store.read(objectName)
  const captureTime = Number(picture.metadata.captureTime)
  const sha256 = createHash('sha256').update(picture.data).digest('hex')
  if (!isJpeg(picture.data)) return wrong(`${objectName} is no JPEG`, objectName)
  if (sha256 !== picture.metadata.sha256) return wrong(`${objectName} is not what was stored`, objectName)
  if (Math.floor(captureTime / 1000) !== mediaTimestamp)
    return wrong(`${objectName} is the picture of another second`, objectName)
  const path = join(store.directory, ...objectName.split('/'))
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, picture.data)
  const moment = `picture of ${formatTime(captureTime)}, ${formatOffset(captureTime - dateCreated * 1000)}`
  return {
    isRight: true,
    objectName,
    text: `mediaTimestamp ${mediaTimestamp}, ${objectName}, ${picture.data.length} bytes, ${moment}`,
  }
}

/** Begins and ends as one. */
const isJpeg = (data: Uint8Array) => data[0] === 0xff && data[1] === 0xd8 && data.at(-2) === 0xff && data.at(-1) === 0xd9
