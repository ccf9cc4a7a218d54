import type { SequenceParameters } from './sequence-parameters.js'

/** What a NAL unit is, as far as it matters here. `padding`: what a decoder does without, such as filler and delimiters. */
export type UnitKind =
  | 'slice'
  | 'video-parameters'
  | 'sequence-parameters'
  | 'picture-parameters'
  | 'message'
  | 'delimiter'
  | 'padding'
  | 'other'

/** What a picture parameter set says, as far as it matters here. */
export interface PictureParameters {
  readonly id: number
  readonly sequenceId: number
  /** Whether slice headers have pic_output_flag (H.265). */
  readonly hasOutputFlag: boolean
  /** Length in bits of what slice headers have in reserve (H.265). */
  readonly extraBits: number
}

/** What the header of a slice says, as far as it matters here. */
export interface Slice {
  /** Whether its picture decodes without those before it, and so do all that follow. */
  readonly key: boolean
  /** Whether the count of the order of display begins anew. */
  readonly restartsOrder: boolean
  /** Whether it is predicted from no other picture. */
  readonly intra: boolean
  /** Whether it may be predicted from pictures that are shown later. */
  readonly bidirectional: boolean
  /** Whether its picture is half a frame: every other row. */
  readonly field: boolean
  /** The low part of its picture's place in the order of display; undefined where it is not said. */
  readonly order: number | undefined
  readonly parameters: SequenceParameters
}

/** The picture parameter set of a number and its sequence parameter set. */
export type FindParameters = (
  pictureId: number,
) => { readonly picture: PictureParameters; readonly sequence: SequenceParameters } | undefined

/** What distinguishes H.264 from H.265 here. NAL units come with their headers and without start codes. */
export interface VideoFormat {
  readonly name: 'H.264' | 'H.265'
  /** Length in bytes of a NAL unit's header. */
  readonly headerBytes: number
  kindOf(unit: Uint8Array): UnitKind
  /** Number of a parameter set of any kind; undefined for one that is damaged. */
  idOf(unit: Uint8Array, kind: UnitKind): number | undefined
  parseSequence(unit: Uint8Array): SequenceParameters | undefined
  parsePicture(unit: Uint8Array): PictureParameters | undefined
  /** Whether this slice is of a key picture, as its NAL unit's type says. */
  isKeySlice(unit: Uint8Array): boolean
  /** Whether this slice is the first of its picture. */
  isFirstSlice(unit: Uint8Array): boolean
  /** @returns undefined for a slice that is damaged or whose parameter sets are not known. */
  parseSlice(unit: Uint8Array, find: FindParameters): Slice | undefined
  /** Whether a picture that follows a recovery point of 0 frames, and has intra slices only, decodes alone. */
  readonly startsAtRecoveryPoint: boolean
}
