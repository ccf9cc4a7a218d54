import { type FileSystem, systemFiles } from '../util/durable-files.js'
import { expectBoolean, expectKnownOptions, expectNumber, expectObject, expectString } from '../util/expect-option.js'

/** Pictures that were matched to a job are kept on disk until the job is settled, so that a killed process delivers the very same ones after its restart. */
export interface HoldsOptions {
  /**
   * A folder of this pipeline's own, on a local disk; created when missing. A relative path is resolved once, at construction. One process at a time: another one's
   * `start()` rejects with `SNAPMINT_HOLDS_IN_USE`. Holds are found again by the name of their route: keep `name` of each route the same.
   */
  readonly directory: string
  /** Most bytes of pictures in the folder. When it is full, pictures that nobody works on go, oldest first. Default 1 GiB. */
  readonly maxBytes?: number | undefined
  /** A hold whose job does not come back is removed after so long, in ms: the job was delivered by another host. Not in the first ten minutes after a start. Default 86,400,000 (a day). */
  readonly maxAgeMs?: number | undefined
  /** Wait until a held picture is on the disk before it is put. Default true; false survives a crash of the process but not one of the machine. */
  readonly fsync?: boolean | undefined
  /** Default: `node:fs/promises`. For tests. */
  readonly files?: FileSystem | undefined
}

export const holdsDefaults = { maxBytes: 2 ** 30, maxAgeMs: 86_400_000, fsync: true, files: systemFiles } as const

/** @throws TypeError, RangeError */
export function expectHoldsOptions(options: unknown): asserts options is HoldsOptions {
  expectObject('holds', options)
  expectKnownOptions('holds', options, ['directory', 'maxBytes', 'maxAgeMs', 'fsync', 'files'])
  const { directory, maxBytes, maxAgeMs, fsync } = options
  expectString('holds.directory', directory)
  if (directory.includes('\0')) throw new TypeError('Expected `holds.directory` to be a path, got a string with a NUL character')
  if (maxBytes !== undefined) expectNumber('holds.maxBytes', maxBytes, { min: 1, integer: true })
  if (maxAgeMs !== undefined) expectNumber('holds.maxAgeMs', maxAgeMs, { min: 1 })
  if (fsync !== undefined) expectBoolean('holds.fsync', fsync)
}
