import { SnapmintError } from '@snapmint/core'

/** Something the user can mend; told in one line, without a stack. */
export class UserError extends Error {
  override readonly name = 'UserError'
}

/** The one line for an error that concerns the user; undefined for a fault of the program, whose stack is wanted. */
export function userMessage(error: unknown): string | undefined {
  if (!(error instanceof UserError) && !SnapmintError.isInstance(error)) return undefined
  return oneLine(error.message)
}

/** Text on one line; also without what would steer a terminal: names of files come from anybody. */
export const oneLine = (text: string): string =>
  text
    .replace(/\s*[\r\n]+\s*/g, ' ')
    .replace(/\p{Cc}/gu, '\uFFFD')
    .trim()
