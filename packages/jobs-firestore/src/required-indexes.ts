import type { FirestoreJobsOptions } from './firestore-jobs-options.js'
import { resolveOptions } from './resolve-options.js'

/** A composite index as `firestore.indexes.json` writes it. */
export interface FirestoreIndex {
  readonly collectionGroup: string
  readonly queryScope: 'COLLECTION'
  readonly fields: readonly { readonly fieldPath: string; readonly order: 'ASCENDING' | 'DESCENDING' }[]
}

/**
 * The composite indexes that the queries of these options need, for a `firestore.indexes.json`. Those of the default options ship with the package.
 *
 * @throws TypeError or RangeError on wrong options.
 */
export function firestoreJobsIndexes(options: FirestoreJobsOptions<never> = {}): readonly FirestoreIndex[] {
  const { collection, fields } = resolveOptions(options as FirestoreJobsOptions<unknown>)
  const collectionGroup = collection.split('/').at(-1) ?? collection
  return (['ASCENDING', 'DESCENDING'] as const).map((order) => ({
    collectionGroup,
    queryScope: 'COLLECTION',
    fields: [
      { fieldPath: fields.mediaTimestamp, order: 'ASCENDING' },
      { fieldPath: fields.dateCreated, order },
    ],
  }))
}

/** The same for people, within a sentence. */
export function describeIndexes(fields: { readonly mediaTimestamp: string; readonly dateCreated: string }): string {
  return `${fields.mediaTimestamp} ascending with ${fields.dateCreated} ascending, and with ${fields.dateCreated} descending`
}
