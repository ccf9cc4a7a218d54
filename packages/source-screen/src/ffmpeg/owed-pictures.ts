/** FFmpeg owes so many ms of pictures at most before it is started anew. */
const mostOwedMs = 1000
/** So many that come too soon, one after the other, are no chance. */
const soonInARow = 3

/**
 * Notices an FFmpeg that was held up and makes up for it: it takes every picture that it missed as fast as it can, of one and the same moment, after an hour's sleep for minutes. One
 * that is merely too slow for its rate falls behind, too, but its pictures never come sooner than they should.
 * @returns what to tell of each picture; true when FFmpeg still owes more than a second and is making up.
 */
export function createOwedWatch(frameRate: number): (wallTime: number) => boolean {
  const intervalMs = 1000 / frameRate
  let last: number | undefined
  let owedMs = 0
  let soon = 0
  return (wallTime) => {
    const sinceMs = wallTime - (last ?? wallTime - intervalMs)
    last = wallTime
    owedMs = Math.max(0, owedMs + sinceMs - intervalMs)
    soon = sinceMs < intervalMs / 2 ? soon + 1 : 0
    return soon >= soonInARow && owedMs > mostOwedMs
  }
}
