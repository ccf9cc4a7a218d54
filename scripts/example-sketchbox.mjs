import './lib/node-version.mjs'
import { join } from 'node:path'
import { loadEnvFile } from 'node:process'
import { pathToFileURL } from 'node:url'
import { buildFor } from './lib/build.mjs'
import { exclusively } from './lib/exclusive.mjs'
import { runScript } from './lib/failure.mjs'
import { installAll } from './lib/install.mjs'
import { setUpOpencv } from './lib/opencv.mjs'
import { root } from './lib/root.mjs'

/** Whether it is to read a camera, which takes OpenCV's native part: the settings say so, also those in the user's `.env`. */
function readsCamera() {
  if (process.argv.some((argument) => /^(--emulators|--in-memory|--help|-h)$/.test(argument))) return false
  try {
    loadEnvFile(join(process.env.INIT_CWD ?? process.cwd(), '.env'))
  } catch {
    // There is none, or the example itself says what is wrong with it.
  }
  const { CONTRACT_ADDRESS, STORAGE_URL, IS_MOCK = '' } = process.env
  return Boolean(CONTRACT_ADDRESS && STORAGE_URL) && !/^\s*(true|1|yes|on|y|t)\s*$/i.test(IS_MOCK)
}

// `npm run example:sketchbox -- …`: sets up what the example needs, then runs it in this process, so that Ctrl-C and exit codes are its own.
await runScript(() =>
  exclusively(async () => {
    // The SDKs are peers of the adapters, here for development only, as users bring their own: nothing less than all brings them.
    await installAll()
    await buildFor(['@snapmint/example-sketchbox'], { declarations: false })
    if (readsCamera()) await setUpOpencv()
  }),
)
if (process.exitCode === 0) await import(pathToFileURL(join(root, 'examples', 'sketchbox', 'start.mjs')).href)
