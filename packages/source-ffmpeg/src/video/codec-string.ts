import { parseAvcParameters } from './avc-parameters.js'
import { parseHevcParameters } from './hevc-parameters.js'

/**
 * The codec string (RFC 6381) of H.264 video, such as `avc1.42c01f`.
 * @param sps its sequence parameter set: the NAL unit, header included, no start code.
 * @returns undefined for one that is damaged.
 */
export function avcCodecString(sps: Uint8Array): string | undefined {
  return parseAvcParameters(sps)?.codec
}

/**
 * The codec string (ISO/IEC 14496-15, E.3) of H.265 video, such as `hvc1.1.6.L93.B0`.
 * @param sps its sequence parameter set: the NAL unit, header included, no start code.
 * @returns undefined for one that is damaged.
 */
export function hevcCodecString(sps: Uint8Array): string | undefined {
  return parseHevcParameters(sps)?.codec
}
