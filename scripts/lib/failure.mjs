/** Something the user has to know, in words made for them: printed without a stack. */
export class Failure extends Error {
  name = 'Failure'
}

/**
 * Runs a script's body. What it returns is the exit code.
 * @param {() => Promise<number | undefined>} body
 */
export async function runScript(body) {
  // Nobody reads any more (`npm start | head`): nothing is left to be done.
  const quit = () => process.exit(1)
  process.stdout.on('error', quit)
  try {
    process.exitCode = (await body()) ?? 0
  } catch (error) {
    console.error(error instanceof Failure ? `\n${error.message}` : error)
    process.exitCode = 1
  } finally {
    process.stdout.off('error', quit)
  }
}
