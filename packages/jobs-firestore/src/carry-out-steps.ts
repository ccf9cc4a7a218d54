import { isDeepStrictEqual } from 'node:util'
import type { SnapmintError } from '@snapmint/core/adapter'
import type { DocumentUpdates, UpdateResult } from './document-updates.js'
import type { FirestoreDocument } from './firestore-client.js'
import type { FirestoreNotice } from './firestore-jobs-options.js'
import type { HandedOutJobs } from './handed-out.js'
import type { JobSchema } from './job-schema.js'
import { readLease } from './lease-record.js'
import type { ResolvedOptions } from './resolve-options.js'
import type { Step } from './settle-steps.js'
import type { WaitingList } from './waiting-list.js'

export interface StepCarrierOptions {
  readonly options: Pick<ResolvedOptions, 'leaseField'>
  readonly holder: string
  readonly schema: JobSchema
  readonly works: HandedOutJobs
  readonly list: WaitingList
  readonly updates: DocumentUpdates
  notify(notice: FirestoreNotice): void
}

/** What became of steps: those that a failure kept from being carried out, with the first failure. */
export interface Carried {
  readonly failed: readonly Step[]
  readonly error?: SnapmintError | undefined
}

type Conflict = Step & { readonly document: FirestoreDocument | undefined }

/** Writes steps, each on the condition that its document is as it was. Of one that is not, the document itself says whose doing that is. */
export function createStepCarrier({ options, holder, schema, works, list, updates, notify }: StepCarrierOptions) {
  const { leaseField } = options

  /** Somebody touched the document, or it was we and the answer was lost. */
  function examine({ work, data }: Step, document: FirestoreDocument): 'done' | 'again' | 'lost' {
    if (!document.exists || document.updateTime === undefined) return 'lost'
    if (!schema.isWaiting(document)) return schema.says(document, data) ? 'done' : 'lost'
    const lease = leaseField === undefined ? undefined : readLease(document.get(leaseField))
    const isOurs = leaseField === undefined || (lease?.holder === holder && (lease.token ?? work.token) === work.token)
    const isUnchanged = isDeepStrictEqual(schema.foreignData(document), schema.foreignData(work.candidate.document))
    return isOurs && isUnchanged ? 'again' : 'lost'
  }

  function lose({ work }: Step, document: FirestoreDocument): void {
    const { path } = document.ref
    works.forget(work)
    const kind = document.exists ? 'document-changed' : 'document-deleted'
    const what = document.exists ? 'changed' : 'deleted'
    notify({ kind, message: `${path} was ${what} while its job was worked on: it was left as it is`, documents: [path] })
    list.see(document, document.readTime)
  }

  /** @returns the steps that are to be written once more. @throws SnapmintError when the documents cannot be read */
  async function resolveConflicts(conflicts: readonly Conflict[], isSecondTry: boolean): Promise<Step[]> {
    const wanted = conflicts.map(({ work, document }) => ({ reference: work.candidate.document.ref, document }))
    const documents = await updates.read(wanted)
    return conflicts.flatMap((step, index) => {
      const document = documents[index]
      if (step.isOvertaken?.() || document === undefined) return []
      const verdict = examine(step, document)
      const { updateTime = step.work.candidate.updateTime } = document
      if (verdict === 'done') step.done(updateTime)
      else if (verdict === 'again' && !isSecondTry) {
        step.work.candidate = { ...step.work.candidate, updateTime }
        return [step]
      } else lose(step, document)
      return []
    })
  }

  function write(steps: readonly Step[]): Promise<UpdateResult[]> {
    return updates.write(
      steps.map(({ work: { candidate }, data }) => ({
        reference: candidate.document.ref,
        data,
        lastUpdateTime: candidate.updateTime,
      })),
    )
  }

  return async function carryOut(steps: readonly Step[], isSecondTry = false): Promise<Carried> {
    const results = await write(steps)
    const failed: Step[] = []
    const conflicts: Conflict[] = []
    let error: SnapmintError | undefined
    for (const [index, step] of steps.entries()) {
      const result = results[index]
      if (result?.status === 'written') step.done(result.updateTime)
      else if (result?.status === 'failed') {
        failed.push(step)
        error ??= result.error
      } else conflicts.push({ ...step, document: result?.document })
    }
    if (conflicts.length === 0) return { failed, error }
    try {
      const again = await resolveConflicts(conflicts, isSecondTry)
      const second: Carried = again.length === 0 ? { failed: [] } : await carryOut(again, true)
      return { failed: [...failed, ...second.failed], error: error ?? second.error }
    } catch (unread) {
      return { failed: [...failed, ...conflicts], error: error ?? (unread as SnapmintError) }
    }
  }
}
