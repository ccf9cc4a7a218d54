import { isAbsolute, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const pad = (value: number, length = 2): string => String(value).padStart(length, '0')

/** Local time of day to the millisecond, as the sketch prints it: `17:04:05.678`. */
export function formatTime(time: number): string {
  const moment = new Date(time)
  const clock = [moment.getHours(), moment.getMinutes(), moment.getSeconds()].map((part) => pad(part)).join(':')
  return `${clock}.${pad(moment.getMilliseconds(), 3)}`
}

/** `+12 ms`, `−3 ms`, `+1.5 s`: how far a picture lies after the moment asked for. */
export function formatOffset(offsetMs: number): string {
  const size = Math.abs(offsetMs)
  const text = size < 1000 ? `${Math.round(size)} ms` : `${(size / 1000).toFixed(1)} s`
  return size < 0.5 ? '0 ms' : `${offsetMs < 0 ? '−' : '+'}${text}`
}

/** In words: `12 ms after`, `3 ms before`, `exactly at`. */
export function describeOffset(offsetMs: number): string {
  const text = formatOffset(offsetMs)
  return text === '0 ms' ? 'exactly at' : `${text.slice(1)} ${offsetMs < 0 ? 'before' : 'after'}`
}

export const formatMegabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`

export const formatCheckpoints = (count: number): string => `${count} checkpoint${count === 1 ? '' : 's'}`

export const formatSeconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`

/** A path as seen from `directory` where it lies below it, the whole path otherwise. */
export function formatPath(path: string, directory: string): string {
  const short = relative(directory, path)
  return short === '' || short.startsWith('..') || isAbsolute(short) ? path : short
}

/** Where a stored picture is: its path, or the URI of what is no file. */
export const formatPlace = (uri: string, directory: string): string =>
  uri.startsWith('file:') ? formatPath(fileURLToPath(uri), directory) : uri
