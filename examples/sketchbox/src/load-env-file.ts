import { join } from 'node:path'
import { loadEnvFile } from 'node:process'
import { UserError } from './user-error.js'

/** Reads `.env` beside the user, as the original did. What the environment says already stays. @throws UserError for a file that cannot be read. */
export function loadEnvFileOf(directory: string): void {
  try {
    loadEnvFile(join(directory, '.env'))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ENOENT') throw new UserError(`The file .env in ${directory} cannot be read: ${code ?? 'it is damaged'}`)
  }
}
