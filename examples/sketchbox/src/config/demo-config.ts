import { join } from 'node:path'
import { type ReadConfig, readConfig } from './config.js'

/** What is needed to try it with no settings at all. */
const demoSettings = {
  CONTRACT_ADDRESS: '0x52908400098527886E0F7030069857D2E4169EE7',
  STORAGE_URL: 'gs://demo-sketchbox.appspot.com',
  CHECKPOINT_FREQUENCY: '5',
} as const

/**
 * The settings of `--emulators`: the user's own, and a default for each that is needed.
 *
 * @param directory what relative paths refer to: where the user is.
 * @param dataDirectory for what has no place of its own.
 * @throws UserError as `readConfig`.
 */
export function readDemoConfig(
  env: Readonly<Record<string, string | undefined>>,
  directory: string,
  dataDirectory: string,
): ReadConfig {
  const isSet = (name: string) => (env[name]?.trim() ?? '') !== ''
  const set = Object.fromEntries(Object.entries(env).filter(([name]) => isSet(name)))
  const mock = isSet('CAMERA_INDEX') ? {} : { IS_MOCK: 'True' }
  const places = { CHECKPOINT_DIRECTORY: join(dataDirectory, 'checkpoints') }
  return readConfig({ ...demoSettings, ...mock, ...places, ...set }, directory)
}
