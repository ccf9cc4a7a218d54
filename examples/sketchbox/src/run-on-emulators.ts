import { join } from 'node:path'
import type { SketchboxConfig } from './config/config.js'
import { startServices } from './emulators/start-services.js'
import { plural } from './format.js'
import type { SketchboxOptions } from './options.js'
import { runSketchbox } from './run-sketchbox.js'
import { openPictureStore } from './viewers/check-job.js'
import { runViewers, type ViewersSummary } from './viewers/viewers.js'

export interface EmulatorsContext {
  readonly print: (line: string) => void
  readonly stop: AbortSignal
}

/**
 * The whole of it on this machine, with viewers that mint.
 * @returns whether every job came out right.
 * @throws UserError, SnapmintError for what the user can mend.
 */
export async function runOnEmulators(
  { dataDirectory, jobs, durationMs, inMemory }: SketchboxOptions,
  config: SketchboxConfig,
  { print, stop }: EmulatorsContext,
): Promise<boolean> {
  const services = await startServices(config.bucket, inMemory)
  const { firestore, storageEndpoint } = services
  const store = openPictureStore({ bucket: config.bucket, apiEndpoint: storageEndpoint }, config.contract, dataDirectory)
  let summary: ViewersSummary = { filed: 0, right: 0, objects: 0 }
  try {
    await runSketchbox({
      config,
      services: { firestore, storageEndpoint },
      titles: { firestore: services.firestoreTitle, storage: services.storageTitle },
      print,
      stop,
      durationMs,
      async beside({ ending, ended }) {
        summary = await runViewers({ firestore, collection: config.collection, store, jobs, print, ending, ended })
      },
    })
  } finally {
    await services.close()
  }
  const { filed, right, objects } = summary
  print(
    `${plural(filed, 'job')} filed, ${right} came out right, ${plural(objects, 'object')} in the bucket. Copies to open: ${join(dataDirectory, 'frames', config.contract)}`,
  )
  return right === filed && (jobs === undefined || filed === jobs || stop.aborted)
}
