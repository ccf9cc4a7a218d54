import { cpus } from 'node:os'

/** Codecs that FFmpeg decodes with one thread for each processor, several pictures at a time. */
const decodedInThreads = /^(h264|avc1|h265|hevc|hev1|hvc1)$/i

/**
 * How many pictures come in before a decoded one comes out: FFmpeg starts decoding one when the next begins, and OpenCV has it decode as many at a time as the machine has processors. Neither
 * can be changed from outside. Measured with 1, 2 and 8 processors: 1, 2 and 8 pictures of H.264 over RTSP; none of JPEG.
 */
export function decoderDelay(fourcc: string, processors = cpus().length): number {
  return decodedInThreads.test(fourcc) ? Math.max(1, processors) : 0
}
