import { crc32 } from 'node:zlib'
import type { CheckedRequest } from '../delivery/select-frames.js'
import type { EpochMs, ImageMimeType, Rotation } from '../spec/frame.js'

/*
 * The journal's lines: eight hexadecimal digits of CRC-32, a space, a JSON array, a line feed. A line that was torn or damaged is known by its sum and passed over. No
 * line says anything of a job but its id and the moment it asks for.
 */

/** A picture on the disk, without its bytes. */
export interface HeldPicture {
  /** Names its file. */
  readonly id: string
  readonly source: string
  readonly captureTime: EpochMs
  readonly mimeType: ImageMimeType
  readonly bytes: number
  readonly sha256: string
  readonly codedWidth?: number | undefined
  readonly codedHeight?: number | undefined
  readonly rotation?: Rotation | undefined
}

export type HoldRecord =
  | readonly ['version', number]
  | readonly ['picture', HeldPicture]
  /** A job's request is answered by a picture. */
  | readonly ['hold', route: string, jobId: string, request: string, pictureId: string, heldAt: EpochMs]
  /** The job has its outcome. */
  | readonly ['forget', route: string, jobId: string]
  /** The picture goes, with all holds of it. */
  | readonly ['drop', pictureId: string]

/** Of {@link HeldPicture}. */
export const pictureId = /^[0-9a-f]{24}$/

const VERSION = 1
export const versionRecord: HoldRecord = ['version', VERSION]

/** Tells the requests of a job apart, and a request from that of a job which was changed. */
export function requestKey({ source, targetTime, lookup }: Pick<CheckedRequest, 'source' | 'targetTime' | 'lookup'>): string {
  const { match = 'closest', toleranceMs = Number.POSITIVE_INFINITY } = lookup
  return JSON.stringify([source, targetTime, match, String(toleranceMs)])
}

export function encodeRecord(record: HoldRecord): string {
  const text = JSON.stringify(record)
  return `${checksum(text)} ${text}\n`
}

export interface ParsedJournal {
  readonly records: readonly HoldRecord[]
  /** Lines that could not be read. A kill leaves at most one, the last. */
  readonly damaged: number
  /** Of a version that this one does not know: nothing of it is to be trusted. */
  readonly unknownVersion: boolean
}

export function parseJournal(text: string): ParsedJournal {
  const records: HoldRecord[] = []
  let damaged = 0
  for (const line of text.split('\n')) {
    if (line === '') continue
    const record = decodeLine(line)
    if (record === undefined) damaged++
    else records.push(record)
  }
  const [first] = records
  const unknownVersion = first !== undefined && (first[0] !== 'version' || first[1] !== VERSION)
  return { records: unknownVersion ? [] : records, damaged, unknownVersion }
}

function decodeLine(line: string): HoldRecord | undefined {
  const text = line.slice(9)
  if (line.slice(0, 9) !== `${checksum(text)} `) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) && isSound(value) ? (value as unknown as HoldRecord) : undefined
  } catch {
    return undefined
  }
}

/** The sum says that the line is whole, not that it is ours: an id becomes the name of a file. */
function isSound([kind, first]: unknown[]): boolean {
  if (kind !== 'picture') return typeof kind === 'string'
  return typeof first === 'object' && first !== null && 'id' in first && pictureId.test(String(first.id))
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, '0')
}
