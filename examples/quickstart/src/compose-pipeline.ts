import { createPipeline, type DirectoryJobs, directorySink, type FrameSource, intervalJobs } from '@snapmint/core'
import type { Folders } from './folders.js'

export const checkpointMs = 5_000

/** The quickstart's pipeline: jobs from a folder, and a picture every five seconds. */
export function composePipeline(source: FrameSource, jobs: DirectoryJobs, folders: Folders) {
  return createPipeline({
    sources: { camera: source },
    history: { durationMs: 60_000, maxBytes: 256 * 2 ** 20 },
    routes: [
      { name: 'jobs', jobs, sinks: [directorySink({ directory: folders.frames })] },
      {
        name: 'checkpoints',
        jobs: intervalJobs({ everyMs: checkpointMs }),
        sinks: [directorySink({ directory: folders.checkpoints })],
      },
    ],
  })
}
