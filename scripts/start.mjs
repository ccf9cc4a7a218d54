import './lib/node-version.mjs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { buildFor } from './lib/build.mjs'
import { exclusively } from './lib/exclusive.mjs'
import { runScript } from './lib/failure.mjs'
import { installFor } from './lib/install.mjs'
import { root } from './lib/root.mjs'

const quickstart = '@snapmint/example-quickstart'

// `npm start -- …`: sets up what the quickstart needs, then runs it in this process, so that Ctrl-C and exit codes are its own.
await runScript(() =>
  exclusively(async () => {
    await installFor([quickstart], 'Installing what the quickstart needs')
    await buildFor([quickstart], { declarations: false })
  }),
)
if (process.exitCode === 0) await import(pathToFileURL(join(root, 'examples', 'quickstart', 'start.mjs')).href)
