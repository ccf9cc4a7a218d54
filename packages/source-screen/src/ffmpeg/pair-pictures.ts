/** A picture as FFmpeg hands it over: its bytes on one pipe, a line about it on another. */
export interface GrabbedPicture {
  /** When it was taken by the wall clock, in ms since the epoch. */
  readonly wallTime: number
  readonly codedWidth: number
  readonly codedHeight: number
  /** Owned by the receiver. */
  readonly data: Uint8Array<ArrayBuffer>
}

/** A line of FFmpeg's framecrc muxer: stream, dts, pts, duration, size, checksum. */
const pictureLine = /^0,\s*-?\d+,\s*(-?\d+),\s*-?\d+,\s*(\d+),/
const sizeLine = /^#dimensions 0: (\d+)x(\d+)$/
const timeBaseLine = /^#tb 0: (\d+)\/(\d+)$/
/** Far more than any picture has. */
const maxPendingBytes = 256 * 2 ** 20

/**
 * Joins the two pipes, whatever pieces they come in and whichever is first.
 * @param onPicture called for each picture that is complete, in order.
 * @returns what to feed; throws an Error when the two do not belong together.
 */
export function createPicturePairing(onPicture: (picture: GrabbedPicture) => void) {
  const announced: { readonly wallTime: number; readonly byteLength: number }[] = []
  let pending: Buffer[] = []
  let pendingBytes = 0
  let rest = ''
  let msPerTick = 1e-3
  let [codedWidth, codedHeight] = [0, 0]

  function deliver(): void {
    for (let next = announced[0]; next !== undefined && next.byteLength <= pendingBytes; next = announced[0]) {
      announced.shift()
      const all = Buffer.concat(pending, pendingBytes)
      const data = new Uint8Array(all.subarray(0, next.byteLength))
      pending = [all.subarray(next.byteLength)]
      pendingBytes -= next.byteLength
      if (data[0] !== 0xff || data[1] !== 0xd8) throw new Error('its pictures and their index are out of step')
      onPicture({ wallTime: next.wallTime, codedWidth, codedHeight, data })
    }
    if (pendingBytes > maxPendingBytes) throw new Error('it wrote pictures without saying their size')
  }

  function readLine(line: string): void {
    const picture = pictureLine.exec(line)
    const size = sizeLine.exec(line)
    const timeBase = timeBaseLine.exec(line)
    if (picture !== null) announced.push({ wallTime: Number(picture[1]) * msPerTick, byteLength: Number(picture[2]) })
    else if (size !== null) [codedWidth, codedHeight] = [Number(size[1]), Number(size[2])]
    else if (timeBase !== null) msPerTick = (Number(timeBase[1]) * 1000) / Number(timeBase[2])
    else if (line !== '' && !line.startsWith('#')) throw new Error('its index of pictures cannot be read')
  }

  return {
    bytes(chunk: Buffer): void {
      pending.push(chunk)
      pendingBytes += chunk.byteLength
      deliver()
    },
    index(text: string): void {
      const lines = (rest + text).split(/\r?\n/)
      rest = lines.pop() ?? ''
      if (rest.length > 10_000) throw new Error('its index of pictures cannot be read')
      for (const line of lines) readLine(line)
      deliver()
    },
  }
}
