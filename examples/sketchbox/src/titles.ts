import { redactUrls } from '@snapmint/core'
import type { SketchboxConfig } from './config/config.js'
import { oneLine } from './user-error.js'

/** What jobs and pictures go to, for people. */
export interface Titles {
  readonly firestore: string
  readonly storage: string
}

/** Google's own services, or the emulators that the SDKs take instead without a word where the environment names them. */
export function titlesOf(
  { projectId }: Pick<SketchboxConfig, 'projectId'>,
  env: Readonly<Record<string, string | undefined>>,
): Titles {
  const emulator = (name: string) => {
    const host = env[name]
    return host ? `the emulator that ${name} names, ${oneLine(redactUrls(host))}` : undefined
  }
  return {
    firestore: `${emulator('FIRESTORE_EMULATOR_HOST') ?? 'Firestore'}${projectId === undefined ? '' : `, project ${projectId}`}`,
    storage: emulator('STORAGE_EMULATOR_HOST') ?? 'Cloud Storage',
  }
}
