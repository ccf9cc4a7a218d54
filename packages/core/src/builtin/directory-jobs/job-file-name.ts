import { createHash, randomBytes } from 'node:crypto'
import type { EpochMs } from '../../spec/frame.js'

/*
 * What the names of files say. A job's file is never rewritten while it waits or is worked on; all that changes is its name, and a rename
 * happens for exactly one of several processes that try it.
 *
 *   new/<id>.json                                              as its author wrote it
 *   new/<id>~a<attempts>~n<notBefore>~<nonce>.json             handed back: so many attempts were made, not before this time
 *   claimed/<id>~c<attempt>~<expiresAt>~<owner>~<number>.json  handed out, until this time, to this owner
 *   claimed/….done, claimed/….failed                           the outcome of that hand-out, not yet in force
 *   claimed/….settled                                          the job's file when its outcome is in force
 */

export interface WaitingName {
  readonly id: string
  /** Hand-outs so far. */
  readonly attempts: number
  readonly notBefore: EpochMs
}

export interface ClaimName {
  readonly id: string
  readonly attempt: number
  readonly expiresAt: EpochMs
  readonly owner: string
  /** Makes the names of an owner unique; base 36. */
  readonly number: string
}

/** With what a claim's name adds, it stays below the 255 bytes that most file systems allow. */
export const maxIdBytes = 150

const extension = '.json'
const waitingForm = /^(.+)~a(\d{1,9})~n(\d{1,16})~[0-9a-f]+$/su
const claimForm = /^(.+)~c(\d{1,9})~(\d{1,16})~([0-9a-f]+(?:\.[0-9a-z]+){3})~([0-9a-z]+)$/su

/** A name in `new/` for a job that is handed back. Never the same twice, so that no rename replaces another file. */
export function waitingFileName({ id, attempts, notBefore }: WaitingName): string {
  return `${id}~a${attempts}~n${Math.ceil(notBefore)}~${randomBytes(6).toString('hex')}${extension}`
}

/** Reads a name in `new/`; undefined for one that is no job: hidden, or of another extension. */
export function parseWaitingFileName(name: string): WaitingName | undefined {
  if (!isJobFileName(name)) return undefined
  const base = name.slice(0, -extension.length)
  const [, id, attempts, notBefore] = waitingForm.exec(base) ?? []
  if (id === undefined) return { id: base, attempts: 0, notBefore: 0 }
  return { id, attempts: Number(attempts), notBefore: Number(notBefore) }
}

export function isJobFileName(name: string): boolean {
  return name.endsWith(extension) && name.length > extension.length && !name.startsWith('.')
}

/** A claim's name in `claimed/` without its extension. */
export function claimBaseName({ id, attempt, expiresAt, owner, number }: ClaimName): string {
  return `${id}~c${attempt}~${Math.ceil(expiresAt)}~${owner}~${number}`
}

export function parseClaimBaseName(base: string): ClaimName | undefined {
  const [, id, attempt, expiresAt, owner, number] = claimForm.exec(base) ?? []
  if (id === undefined || owner === undefined || number === undefined) return undefined
  return { id, attempt: Number(attempt), expiresAt: Number(expiresAt), owner, number }
}

/** Whether `id` can be a file's name, and is read back from it as it is. */
export function idFault(id: string): string | undefined {
  if (Buffer.byteLength(id) > maxIdBytes) return `is longer than ${maxIdBytes} bytes`
  if (/[/\\\0]/.test(id)) return 'has a slash, a backslash or a NUL character'
  if (id.startsWith('.')) return 'begins with a dot, which hides its file'
  if (waitingForm.test(id)) return 'ends like the names that Snapmint gives to jobs which are handed back'
  return undefined
}

/** An id for a file whose own is too long to be claimed. */
export function shortenId(id: string): string {
  const hash = createHash('sha256').update(id).digest('hex').slice(0, 16)
  return `${Buffer.from(id)
    .subarray(0, 100)
    .toString()
    .replace(/\uFFFD+$/, '')}~${hash}`
}
