import './lib/node-version.mjs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { buildFor } from './lib/build.mjs'
import { exclusively } from './lib/exclusive.mjs'
import { runScript } from './lib/failure.mjs'
import { installFor } from './lib/install.mjs'
import { root } from './lib/root.mjs'

const wanted = ['@snapmint/example-sketchbox']

// `npm run example:sketchbox -- …`: sets up what the example needs, then runs it in this process, so that Ctrl-C and exit codes are its own.
await runScript(() =>
  exclusively(async () => {
    await installFor(wanted, 'Installing what the sketchbox needs')
    await buildFor(wanted, { declarations: false })
  }),
)
if (process.exitCode === 0) await import(pathToFileURL(join(root, 'examples', 'sketchbox', 'start.mjs')).href)
