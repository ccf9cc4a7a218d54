export type {
  FirestoreBulkWriter,
  FirestoreDocument,
  FirestoreLikeClient,
  FirestoreQuery,
  FirestoreReference,
  FirestoreSnapshot,
  FirestoreTimestamp,
  FirestoreWriteBatch,
} from './firestore-client.js'
export { type FirestoreJobs, firestoreJobs } from './firestore-jobs.js'
export type {
  FirestoreJob,
  FirestoreJobDocument,
  FirestoreJobFields,
  FirestoreJobsOptions,
  FirestoreNotice,
  FirestoreTimeUnit,
  FirestoreUsage,
} from './firestore-jobs-options.js'
export { type FirestoreIndex, firestoreJobsIndexes } from './required-indexes.js'
