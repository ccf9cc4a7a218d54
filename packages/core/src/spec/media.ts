import type { EpochMs, ImageMimeType, Rotation } from './frame.js'

/** A finished still with its provenance, ready for a sink. */
export interface Snapshot {
  readonly kind: 'snapshot'
  /** Name of the source in the pipeline. */
  readonly source: string
  readonly captureTime: EpochMs
  readonly mimeType: ImageMimeType
  /** The file's bytes. Owned by core and shared by every sink of the route: read, never write. */
  readonly data: Uint8Array<ArrayBuffer>
  /** Lower-case hexadecimal SHA-256 of `data`. */
  readonly sha256: string
  readonly codedWidth?: number | undefined
  readonly codedHeight?: number | undefined
  readonly rotation?: Rotation | undefined
}

/** What a sink stores. Discriminated by `kind`; a sink rejects kinds it does not know. */
export type Media = Snapshot
