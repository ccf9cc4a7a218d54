/** How FFmpeg's decoders say that they made up what was missing, at whichever level of their log. */
const signs: readonly RegExp[] = [
  /concealing \d+/i,
  /corrupt decoded frame/i,
  /corrupt input packet|RTP: missed \d+ packets/i,
  /error while decoding/i,
  /error submitting (a )?packet/i,
  /could not find ref/i,
  /(reference picture missing|missing reference picture|reference count overflow|frame num gap)/i,
  /decode_slice_header error/i,
  /error parsing NAL unit|invalid NAL unit|error splitting the input/i,
  /no frame!|non-existing [SP]PS|[SP]PS id out of range/i,
]

/** `Input stream #0:0 (video): 60 packets read (77193 bytes); 60 frames decoded;` */
const summary = /\(video\): (\d+) packets read .*?(\d+) frames decoded/

/** Whether a line of FFmpeg's log says so. */
export const tellsDamage = (line: string): boolean => signs.some((pattern) => pattern.test(line))

/** Reads along in the log of a decoding FFmpeg, at `verbose`. */
export function createDamageFinder() {
  let sign: string | undefined
  let decoded: number | undefined
  return {
    take(line: string): void {
      if (sign === undefined && tellsDamage(line)) sign = line
      const count = summary.exec(line)?.[2]
      if (count !== undefined) decoded = Number(count)
    },
    /** @returns what is wrong with the pictures of a run of `chunks`, as the end of a sentence; undefined when nothing is. */
    verdict(chunks: number): string | undefined {
      if (sign !== undefined) return `it is damaged: ${sign.replace(/^(\[[^\]]*\] ?)+/, '').slice(0, 200)}`
      if (decoded !== undefined && decoded !== chunks) return `of its ${chunks} chunks, ${decoded} gave a picture`
      return undefined
    },
  }
}
