import { SnapmintError } from '@snapmint/core'

/** Something the user can mend; told without a stack. */
export class UserError extends Error {
  override readonly name = 'UserError'
}

/** What to tell of an error that concerns the user; undefined for a fault of the program, whose stack is wanted. */
export function userMessage(error: unknown): string | undefined {
  if (error instanceof UserError) return error.message
  return SnapmintError.isInstance(error) ? oneLine(inSettings(error.message)) : undefined
}

/** Pipeline and adapters name their options and functions; people here have variables. */
export const inSettings = (message: string): string =>
  message
    .replaceAll('`holds.directory`', 'HOLDS_DIRECTORY')
    .replace(', or leave `holds` out', '')
    .replace('its number with listCameras()', 'its number, CAMERA_INDEX')

/** Text on one line, without what would steer a terminal. */
export const oneLine = (text: string): string =>
  text
    .replace(/\s*[\r\n]+\s*/g, ' ')
    .replace(/\p{Cc}/gu, '\uFFFD')
    .trim()
