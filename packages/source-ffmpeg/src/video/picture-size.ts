import { parseAvcParameters } from './avc-parameters.js'
import { parseHevcParameters } from './hevc-parameters.js'
import type { SequenceParameters } from './sequence-parameters.js'

/** Pixels of what is shown: without the rows and columns that only fill up the last macroblocks. */
export type PictureSize = Pick<SequenceParameters, 'codedWidth' | 'codedHeight'>

/** @returns the size that an H.264 sequence parameter set (no start code) tells; undefined for one that is damaged. */
export function avcPictureSize(sps: Uint8Array): PictureSize | undefined {
  return sizeOf(parseAvcParameters(sps))
}

/** @returns the size that an H.265 sequence parameter set (no start code) tells; undefined for one that is damaged. */
export function hevcPictureSize(sps: Uint8Array): PictureSize | undefined {
  return sizeOf(parseHevcParameters(sps))
}

function sizeOf(parameters: SequenceParameters | undefined): PictureSize | undefined {
  return parameters && { codedWidth: parameters.codedWidth, codedHeight: parameters.codedHeight }
}
