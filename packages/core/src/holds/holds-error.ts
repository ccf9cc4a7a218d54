import { errorMessage } from '../errors/plain-error.js'
import { SnapmintError } from '../errors/snapmint-error.js'

/** Why the folder cannot be used from the start. */
export function holdsError(thrown: unknown, directory: string): SnapmintError {
  if (SnapmintError.isInstance(thrown)) return thrown
  const message = `Pictures cannot be held in ${directory}: ${errorMessage(thrown)}. Correct \`holds.directory\`, or the permissions, or leave \`holds\` out`
  return new SnapmintError('SNAPMINT_DIRECTORY_UNUSABLE', message, { cause: thrown })
}

/** The picture is delivered, but not held. */
export function holdsFull(bytes: number): SnapmintError {
  const message = `There is no room for ${bytes} bytes more in the folder of held pictures beside those that are being delivered; raise \`holds.maxBytes\`, or lower \`maxInFlight\``
  return new SnapmintError('SNAPMINT_HOLDS_FULL', message, { retryable: true })
}

/** The picture on the disk is not what it was. */
export function holdDamaged(cause: unknown): SnapmintError {
  const message = `A held picture cannot be read: ${errorMessage(cause)}. Its jobs are looked up afresh`
  return new SnapmintError('SNAPMINT_HOLD_FAILED', message, { cause })
}
