import { createPipeline, directorySink, type FrameSource, intervalJobs } from '@snapmint/core'
import { type FirestoreJobsOptions, firestoreJobs } from '@snapmint/jobs-firestore'
import { gcsSink } from '@snapmint/sink-gcs'
import { chooseCamera } from './choose-camera.js'
import type { SketchboxConfig } from './config/config.js'
import { patientSink } from './patient-sink.js'

/** Instead of Google's own: for emulators and tests. */
export interface Services extends Pick<FirestoreJobsOptions, 'firestore' | 'onNotice'> {
  readonly storageEndpoint?: string
  readonly source?: FrameSource
}

/** Tries of a job or a picture: days of them. What stands in the way is the operator's to mend, and no reason to give up a job. */
const maxAttempts = 10_000

/** The original's pipeline: jobs in Firestore, pictures in Firebase Storage, checkpoints on the disk. */
export function composePipeline(config: SketchboxConfig, services: Services = {}) {
  const { contract, bucket, captureMs, checkpointMs, collection, sweepMs, leaseField, projectId, match } = config
  const { firestore, onNotice, storageEndpoint: apiEndpoint, source = chooseCamera(config) } = services
  const account = firestore === undefined ? { projectId } : { firestore }
  const jobs = firestoreJobs({ ...account, collection, sweepMs, leaseField, onNotice, maxAttempts, fields: { error: 'error' } })
  const template = 'frames/{contract}/{seconds}.jpg'
  const storage = gcsSink({ bucket, template, constants: { contract }, includeJobIds: false, apiEndpoint })
  return createPipeline({
    sources: { easel: source },
    history: config.history,
    holds: { directory: config.holdsDirectory },
    capture: { stallMs: Math.max(10_000, 3 * captureMs) },
    routes: [
      { name: 'jobs', jobs, sinks: [patientSink(storage)], match, put: { maxAttempts } },
      ...(checkpointMs === undefined
        ? []
        : [
            {
              name: 'checkpoints',
              jobs: intervalJobs({ everyMs: checkpointMs }),
              sinks: [directorySink({ directory: config.checkpointDirectory })],
            },
          ]),
    ],
  })
}
