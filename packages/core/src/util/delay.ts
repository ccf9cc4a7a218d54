/** Longest delay, in ms, that Node's timers honour; a longer one would fire at once. */
export const maxDelayMs = 2 ** 31 - 1

/** A delay that timers honour, whatever an adapter or a caller gave: no number and less than 0 become 0, and what is too long the longest there is. */
export function timerDelay(ms: number): number {
  return ms > 0 ? Math.min(ms, maxDelayMs) : 0
}
