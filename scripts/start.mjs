import './lib/node-version.mjs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { buildFor } from './lib/build.mjs'
import { exclusively } from './lib/exclusive.mjs'
import { runScript } from './lib/failure.mjs'
import { installFor } from './lib/install.mjs'
import { root } from './lib/root.mjs'

const quickstart = '@snapmint/example-quickstart'
const directory = join(root, 'examples', 'quickstart')

// `npm start -- …`: sets up what the quickstart needs, then runs it in this process, so that Ctrl-C and exit codes are its own.
await runScript(async () => {
  await exclusively(async () => {
    await installFor([quickstart], 'Installing what the quickstart needs')
    await buildFor([quickstart], { declarations: false })
  })
  const tsx = createRequire(join(directory, 'package.json')).resolve('tsx/esm/api')
  const { register } = await import(pathToFileURL(tsx).href)
  process.env.TSX_TSCONFIG_PATH = join(directory, 'tsconfig.json')
  register()
  const { main } = await import(pathToFileURL(join(directory, 'src', 'main.ts')).href)
  return main(process.argv.slice(2))
})
