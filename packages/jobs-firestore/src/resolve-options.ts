import { expectKnownOptions, expectNumber, expectObject, expectOneOf, expectPositive, expectString } from '@snapmint/core/adapter'
import type { FirestoreJobDocument, FirestoreJobFields, FirestoreJobsOptions } from './firestore-jobs-options.js'

/** Options checked, defaults filled in. */
export type ResolvedOptions = ReturnType<typeof resolveOptions>

const known = [
  'collection',
  'firestore',
  'app',
  'projectId',
  'databaseId',
  'fields',
  'unit',
  'mapping',
  'leaseField',
  'failedValue',
  'sweepMs',
  'maxAttempts',
  'listenerLimit',
  'timeoutMs',
  'onNotice',
  'clock',
] as const satisfies readonly (keyof FirestoreJobsOptions)[]

const knownFields = [
  'mediaTimestamp',
  'dateCreated',
  'targetTime',
  'mediaUrl',
  'offsetMs',
  'error',
  'attempts',
] as const satisfies readonly (keyof FirestoreJobFields)[]

/** @throws TypeError or RangeError that names the option. */
export function resolveOptions(options: FirestoreJobsOptions<unknown>) {
  expectKnownOptions('firestoreJobs', options, known)
  const { collection = 'jobs', unit = 'seconds', sweepMs = 60_000, maxAttempts = 10, listenerLimit = 25 } = options
  const { timeoutMs = 15_000, mapping = defaultMapping, failedValue, clock } = options
  expectCollection(collection)
  expectOneOf('unit', unit, ['seconds', 'milliseconds', 'timestamp'])
  expectNumber('sweepMs', sweepMs, { min: 1_000, max: 2 ** 31 - 1 })
  expectNumber('maxAttempts', maxAttempts, { min: 1, integer: true })
  expectNumber('listenerLimit', listenerLimit, { min: 1, max: 1_000, integer: true })
  expectPositive('timeoutMs', timeoutMs)
  expectNumber('timeoutMs', timeoutMs, { max: 2 ** 31 - 1 })
  for (const name of ['mapping', 'onNotice', 'clock'] as const) expectFunction(name, options[name])
  expectClient(options)
  if (failedValue !== undefined && !['number', 'string', 'boolean'].includes(typeof failedValue))
    throw new TypeError(`Expected \`failedValue\` to be a number, a text, true or false, got \`${String(failedValue)}\``)
  return {
    ...options,
    collection,
    unit,
    sweepMs,
    maxAttempts,
    listenerLimit,
    timeoutMs,
    mapping,
    fields: resolveFields(options),
    failedValue: failedValue ?? (unit === 'timestamp' ? new Date(0) : 0),
    /** For durations. */
    steadyClock: clock ?? (() => performance.timeOrigin + performance.now()),
    /** For dates that core compares with its own. */
    wallClock: clock ?? Date.now,
  }
}

function defaultMapping({ id, data, targetTime }: FirestoreJobDocument): unknown {
  return { id, targetTime, data }
}

function resolveFields({ fields = {}, leaseField }: FirestoreJobsOptions<unknown>) {
  expectKnownOptions('fields of firestoreJobs', fields, knownFields)
  const { mediaTimestamp = 'mediaTimestamp', dateCreated = 'dateCreated', ...others } = fields
  const resolved = { ...others, mediaTimestamp, dateCreated, lease: leaseField }
  const seen = new Map<string, string>()
  for (const [role, field] of Object.entries(resolved)) {
    if (field === undefined) continue
    const name = role === 'lease' ? 'leaseField' : `fields.${role}`
    expectField(name, field)
    for (const [other, otherName] of seen) {
      if (field === other || field.startsWith(`${other}.`) || other.startsWith(`${field}.`))
        throw new TypeError(`Expected \`${name}\` and \`${otherName}\` to be different fields, got \`${field}\` and \`${other}\``)
    }
    seen.set(field, name)
  }
  return resolved
}

function expectField(name: string, field: unknown): asserts field is string {
  expectString(name, field)
  if (field.split('.').some((part) => part === '' || !/^[^~*/[\]]+$/.test(part) || /^__.*__$/.test(part)))
    throw new TypeError(`Expected \`${name}\` to be a field's name, or names joined by dots, got \`${field}\``)
}

function expectCollection(path: unknown): asserts path is string {
  expectString('collection', path)
  const segments = path.split('/')
  if (segments.length % 2 === 0 || segments.some((part) => part === '' || part === '.' || part === '..'))
    throw new TypeError(`Expected \`collection\` to be a collection's path such as "jobs" or "sites/here/jobs", got \`${path}\``)
}

function expectFunction(name: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'function')
    throw new TypeError(`Expected \`${name}\` to be a function, got \`${String(value)}\``)
}

function expectClient({ firestore, app, projectId, databaseId }: FirestoreJobsOptions<unknown>): void {
  if (firestore !== undefined) {
    expectObject('firestore', firestore)
    for (const method of ['collection', 'getAll', 'batch', 'bulkWriter'] as const) {
      if (typeof firestore[method] !== 'function')
        throw new TypeError(`Expected \`firestore\` to be a Firestore client with the method ${method}()`)
    }
    if ((app ?? projectId ?? databaseId) !== undefined)
      throw new TypeError('Expected `app`, `projectId` and `databaseId` to be left out beside `firestore`, which has its own')
  }
  if (app !== undefined) {
    expectObject('app', app)
    if (projectId !== undefined) throw new TypeError('Expected `projectId` to be left out beside `app`, which has its own')
  }
  if (projectId !== undefined) expectString('projectId', projectId)
  if (databaseId !== undefined) expectString('databaseId', databaseId)
}
