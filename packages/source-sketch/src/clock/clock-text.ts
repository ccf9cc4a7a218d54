const pad = (value: number, length = 2): string => String(value).padStart(length, '0')

/** The two lines that the clock shows, `2026-11-21` and `17:04:05.678`; in UTC the second ends with `Z`. */
export function clockText(time: number, timeZone: 'local' | 'utc'): readonly [string, string] {
  const moment = new Date(time)
  if (timeZone === 'utc') return [moment.toISOString().slice(0, 10), moment.toISOString().slice(11)]
  const date = `${pad(moment.getFullYear(), 4)}-${pad(moment.getMonth() + 1)}-${pad(moment.getDate())}`
  const hours = `${pad(moment.getHours())}:${pad(moment.getMinutes())}:${pad(moment.getSeconds())}`
  return [date, `${hours}.${pad(moment.getMilliseconds(), 3)}`]
}
