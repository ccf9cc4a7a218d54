import { listenForStop } from '../../quickstart/src/stop-request.js'
import { type ReadConfig, readConfig } from './config/config.js'
import { readDemoConfig } from './config/demo-config.js'
import { passOverLateRejections } from './late-rejections.js'
import { loadEnvFileOf } from './load-env-file.js'
import { readOptions, type SketchboxOptions, usage } from './options.js'
import { prepareCamera } from './prepare-camera.js'
import { titlesOf } from './titles.js'
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
    const { env } = process
    const { emulators, dataDirectory } = options
    return await run(options, emulators ? readDemoConfig(env, directory, dataDirectory) : readConfig(env, directory))
  } catch (error) {
    const message = userMessage(error)
    if (message === undefined) throw error
    console.error(message)
    return 1
  }
}

const print = (line: string) => void process.stdout.write(`${line}\n`)

async function run(options: SketchboxOptions, { config, warnings }: ReadConfig): Promise<number> {
  for (const warning of warnings) print(`! ${warning}`)
  // The SDKs take seconds to load, and OpenCV minutes to build: mistakes are told before.
  if (!options.emulators) {
    const { expectCredentials } = await import('./expect-credentials.js')
    await expectCredentials(process.env)
  }
  await prepareCamera(config)
  const stop = listenForStop({ signals: process, output: process.stdout, exit: (code) => process.exit(code) })
  try {
    if (options.emulators) {
      const { runOnEmulators } = await import('./run-on-emulators.js')
      return (await runOnEmulators(options, config, { print, stop: stop.signal })) ? 0 : 1
    }
    const { runSketchbox } = await import('./run-sketchbox.js')
    const { durationMs } = options
    await runSketchbox({ config, services: {}, titles: titlesOf(config, process.env), print, stop: stop.signal, durationMs })
    return 0
  } finally {
    stop.dispose()
  }
}
