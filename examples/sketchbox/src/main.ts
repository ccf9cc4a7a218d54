import { listenForStop } from '../../quickstart/src/stop-request.js'
import { readConfig } from './config/config.js'
import { passOverLateRejections } from './late-rejections.js'
import { loadEnvFileOf } from './load-env-file.js'
import { readOptions, type SketchboxOptions, usage } from './options.js'
import { userMessage } from './user-error.js'

/**
 * The sketchbox as a program.
 * @param args what follows `npm run example:sketchbox --`.
 * @returns the exit code.
 */
export async function main(args: readonly string[]): Promise<number> {
  // npm runs scripts in the package's folder; paths refer to where the user is.
  const directory = process.env.INIT_CWD ?? process.cwd()
  try {
    const options = readOptions(args, directory)
    if (options.help) {
      console.log(usage)
      return 0
    }
    passOverLateRejections()
    loadEnvFileOf(directory)
    return await run(options, directory)
  } catch (error) {
    const message = userMessage(error)
    if (message === undefined) throw error
    console.error(message)
    return 1
  }
}

async function run(options: SketchboxOptions, directory: string): Promise<number> {
  const print = (line: string) => void process.stdout.write(`${line}\n`)
  const { env } = process
  const stop = listenForStop({ signals: process, output: process.stdout, exit: (code) => process.exit(code) })
  try {
    // The SDKs take seconds to load: mistakes are told before.
    if (options.emulators) {
      const { runOnEmulators } = await import('./run-on-emulators.js')
      const context = { env, directory, print, stop: stop.signal }
      return (await runOnEmulators(options, context)) ? 0 : 1
    }
    const { config, warnings } = readConfig(env, directory)
    for (const warning of warnings) print(`! ${warning}`)
    const { expectCredentials } = await import('./expect-credentials.js')
    await expectCredentials(env)
    const { runSketchbox } = await import('./run-sketchbox.js')
    const titles = {
      firestore: `Firestore${config.projectId === undefined ? '' : `, project ${config.projectId}`}`,
      storage: 'Cloud Storage',
    }
    await runSketchbox({ config, services: {}, titles, print, stop: stop.signal, durationMs: options.durationMs })
    return 0
  } finally {
    stop.dispose()
  }
}
