import { join } from 'node:path'
import { readConfig } from './config/config.js'
import { startServices } from './emulators/start-services.js'
import { plural } from './format.js'
import type { SketchboxOptions } from './options.js'
import { runSketchbox } from './run-sketchbox.js'
import { openPictureStore } from './viewers/check-job.js'
import { runViewers, type ViewersSummary } from './viewers/viewers.js'

/** What is needed to try it with no settings at all. */
const demoSettings = {
  CONTRACT_ADDRESS: '0x52908400098527886E0F7030069857D2E4169EE7',
  STORAGE_URL: 'gs://demo-sketchbox.appspot.com',
  CHECKPOINT_FREQUENCY: '5',
} as const

export interface EmulatorsContext {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Where the user is. */
  readonly directory: string
  readonly print: (line: string) => void
  readonly stop: AbortSignal
}

/**
 * The whole of it on this machine, with viewers that mint.
 * @returns whether every job came out right.
 * @throws UserError, SnapmintError for what the user can mend.
 */
export async function runOnEmulators(
  options: SketchboxOptions,
  { env, directory, print, stop }: EmulatorsContext,
): Promise<boolean> {
  const { dataDirectory, jobs, durationMs, inMemory } = options
  const isSet = (name: string) => (env[name]?.trim() ?? '') !== ''
  const set = Object.fromEntries(Object.entries(env).filter(([name]) => isSet(name)))
  const mock = isSet('CAMERA_INDEX') ? {} : { IS_MOCK: 'True' }
  const places = { CHECKPOINT_DIRECTORY: join(dataDirectory, 'checkpoints') }
  const { config, warnings } = readConfig({ ...demoSettings, ...mock, ...places, ...set }, directory)
  for (const warning of warnings) print(`! ${warning}`)
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
