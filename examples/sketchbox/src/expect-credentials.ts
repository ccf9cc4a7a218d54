import { errorMessage } from '@snapmint/core'
import { applicationDefault } from 'firebase-admin/app'
import { oneLine, UserError } from './user-error.js'

const advice =
  'Set GOOGLE_APPLICATION_CREDENTIALS to the JSON file of a service account, or run `gcloud auth application-default login`'
/** What no second try mends. Anything else may be the network, and passes. */
const final =
  /default credentials|ENOENT|EACCES|JSON|invalid_grant|invalid_client|unauthorized_client|private key|certificate|DECODER|credential/i

/**
 * Asks for a first token, before anything else: the SDK's own complaint about missing credentials comes late, and one of them nobody can catch. Where an emulator of Firestore is
 * named, none are needed.
 *
 * @throws UserError when there are none, or when Google refuses them.
 */
export async function expectCredentials(env: Readonly<Record<string, string | undefined>>): Promise<void> {
  if (env.FIRESTORE_EMULATOR_HOST) return
  try {
    await applicationDefault().getAccessToken()
  } catch (error) {
    const message = oneLine(errorMessage(error))
    if (/ENOTFOUND|EAI_AGAIN|ECONN|ETIMEDOUT|ENETUNREACH/.test(message) || !final.test(message)) return
    throw new UserError(`No valid credentials for Google's services. ${advice}. (${withoutSecrets(message)})`)
  }
}

const withoutSecrets = (message: string) =>
  message
    .replace(/-----BEGIN.*$/s, '…')
    .replace(/Unexpected .*JSON.*$/s, 'it is not valid JSON')
    .slice(0, 300)
