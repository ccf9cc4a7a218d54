import { readOptions, usage } from './options.js'
import { runSession } from './session.js'
import { userMessage } from './user-error.js'

/**
 * The quickstart as a program.
 * @param args what follows `npm start --`.
 * @returns the exit code.
 */
export async function main(args: readonly string[]): Promise<number> {
  // npm runs scripts in the package's folder; paths refer to where the user is.
  const directory = process.env.INIT_CWD ?? process.cwd()
  try {
    const options = readOptions(args, directory)
    if (!options.help) return await runSession(options, directory)
    console.log(usage)
    return 0
  } catch (error) {
    const message = userMessage(error)
    if (message === undefined) throw error
    console.error(message)
    return 1
  }
}
