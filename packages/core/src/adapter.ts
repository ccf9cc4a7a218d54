/** What an adapter needs: the contracts, the errors and a few helpers. Adapters import this and nothing else of core. */

export { type KeyTemplate, parseKeyTemplate, renderKey } from './builtin/key-template.js'
export type { SnapmintErrorCode } from './errors/error-codes.js'
export { LookupError } from './errors/lookup-error.js'
export { errorMessage, redactUrls } from './errors/plain-error.js'
export { SnapmintError, type SnapmintErrorOptions } from './errors/snapmint-error.js'
export { type InMemoryLeases, type InMemoryLeasesOptions, inMemoryLeases, type Lease } from './jobs/in-memory-leases.js'
export type * from './spec/frame.js'
export type * from './spec/frame-sink.js'
export type * from './spec/frame-source.js'
export type * from './spec/job-error.js'
export type * from './spec/job-source.js'
export type * from './spec/media.js'
export type * from './spec/receipt.js'
export { type BoundedOptions, bounded, isAbortOf, orAborted } from './util/abort.js'
export { expectSnapshot } from './util/expect-media.js'
export {
  expectBoolean,
  expectHttpUrl,
  expectKnownOptions,
  expectNumber,
  expectObject,
  expectOneOf,
  expectPositive,
  expectSignal,
  expectString,
  isHeaderText,
} from './util/expect-option.js'
export { frameKey } from './util/frame-key.js'
