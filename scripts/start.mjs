import './lib/node-version.mjs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { buildFor } from './lib/build.mjs'
import { exclusively } from './lib/exclusive.mjs'
import { runScript } from './lib/failure.mjs'
import { installAll, installFor } from './lib/install.mjs'
import { root } from './lib/root.mjs'

const quickstart = '@snapmint/example-quickstart'
// Only who captures the screen needs what that takes.
const screen = process.argv.includes('--screen')
const wanted = screen ? [quickstart, '@snapmint/source-screen'] : [quickstart]
// Where FFmpeg cannot do it, or not alone, packages do that are here for development only, as users bring their own.
const needsAll = screen && (process.platform !== 'linux' || Boolean(process.env.WAYLAND_DISPLAY))

// `npm start -- …`: sets up what the quickstart needs, then runs it in this process, so that Ctrl-C and exit codes are its own.
await runScript(() =>
  exclusively(async () => {
    await (needsAll ? installAll() : installFor(wanted, 'Installing what the quickstart needs'))
    await buildFor(wanted, { declarations: false })
  }),
)
if (process.exitCode === 0) await import(pathToFileURL(join(root, 'examples', 'quickstart', 'start.mjs')).href)
