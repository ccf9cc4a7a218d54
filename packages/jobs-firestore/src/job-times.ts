import type { EpochMs } from '@snapmint/core/adapter'
import type { FirestoreTimestamp } from './firestore-client.js'
import type { FirestoreTimeUnit } from './firestore-jobs-options.js'

/** In the year 5138 as seconds, in 1973 as milliseconds: what lies on the wrong side was written in the other unit. */
const betweenUnits = 1e11

/** A field's value as epoch ms, or what is wrong with it, to follow the field's name. */
export function parseTime(value: unknown, unit: FirestoreTimeUnit): EpochMs | string {
  if (value === undefined || value === null) return `is ${value === null ? 'null' : 'missing'}: write ${example(unit)}`
  if (unit === 'timestamp')
    return isTimestamp(value)
      ? value.seconds * 1000 + value.nanoseconds / 1e6
      : `is ${describe(value)}: write ${example(unit)}, or change \`unit\``
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) return `is ${describe(value)}: write ${example(unit)}`
  const isMilliseconds = value >= betweenUnits
  if (isMilliseconds !== (unit === 'milliseconds') && value !== 0)
    return `is ${value}, which looks like ${isMilliseconds ? 'milliseconds' : 'seconds'}: write ${example(unit)}, or change \`unit\``
  return unit === 'seconds' ? value * 1000 : value
}

/** A time as a field has it. Numbers are rounded down, as the keys of pictures are. */
export function writeTime(time: EpochMs, unit: FirestoreTimeUnit): number | Date {
  // A capture time of 999.9999 ms is a second as far as microseconds go, in keys and here.
  const wholeMs = Math.floor(Math.round(time * 1000) / 1000)
  if (unit === 'timestamp') return new Date(wholeMs)
  return unit === 'seconds' ? Math.floor(wholeMs / 1000) : wholeMs
}

/** Equal for equal values, whether they were read as a Timestamp or written as a Date. */
export function describeTime(value: unknown): string {
  if (value instanceof Date) return `time ${value.getTime()}`
  if (isTimestamp(value)) return `time ${value.seconds * 1000 + value.nanoseconds / 1e6}`
  return `${typeof value} ${String(value)}`
}

function isTimestamp(value: unknown): value is Pick<FirestoreTimestamp, 'seconds' | 'nanoseconds'> {
  const { seconds, nanoseconds } = (value ?? {}) as Partial<FirestoreTimestamp>
  return typeof seconds === 'number' && typeof nanoseconds === 'number'
}

function example(unit: FirestoreTimeUnit): string {
  if (unit === 'timestamp') return 'a Firestore Timestamp'
  return `${unit} since 1970 as a number, such as ${unit === 'seconds' ? '1795240916' : '1795240916303'}`
}

function describe(value: unknown): string {
  if (typeof value === 'string') return `the text ${JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value)}`
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (isTimestamp(value)) return 'a Timestamp'
  return Array.isArray(value) ? 'a list' : 'a map'
}
