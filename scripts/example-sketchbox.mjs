import './lib/node-version.mjs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { buildFor } from './lib/build.mjs'
import { exclusively } from './lib/exclusive.mjs'
import { runScript } from './lib/failure.mjs'
import { installAll } from './lib/install.mjs'
import { root } from './lib/root.mjs'

// `npm run example:sketchbox -- …`: sets up what the example needs, then runs it in this process, so that Ctrl-C and exit codes are its own.
await runScript(() =>
  exclusively(async () => {
    // The SDKs are peers of the adapters, here for development only, as users bring their own: nothing less than all brings them.
    await installAll()
    await buildFor(['@snapmint/example-sketchbox'], { declarations: false })
  }),
)
if (process.exitCode === 0) await import(pathToFileURL(join(root, 'examples', 'sketchbox', 'start.mjs')).href)
