const pad = (value: number, length = 2): string => String(value).padStart(length, '0')

/** Local time of day to the millisecond, as the test pictures print it: `17:04:05.678`. */
export function formatTime(time: number): string {
  const moment = new Date(time)
  const clock = [moment.getHours(), moment.getMinutes(), moment.getSeconds()].map((part) => pad(part)).join(':')
  return `${clock}.${pad(moment.getMilliseconds(), 3)}`
}

/** `12 ms after`, `1.5 s before`, `exactly`: as the times beside it, which leave parts of a millisecond out, differ. */
export function formatOffset(offset: number): string {
  const offsetMs = Math.floor(offset)
  const size = Math.abs(offsetMs)
  if (size === 0) return 'exactly'
  return `${size < 1000 ? `${size} ms` : `${(size / 1000).toFixed(1)} s`} ${offsetMs < 0 ? 'before' : 'after'}`
}

export const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`
