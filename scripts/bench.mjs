import './lib/node-version.mjs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { buildFor } from './lib/build.mjs'
import { exclusively } from './lib/exclusive.mjs'
import { runScript } from './lib/failure.mjs'
import { installFor } from './lib/install.mjs'
import { root } from './lib/root.mjs'
import { run } from './lib/run.mjs'

const bench = '@snapmint/bench'
const directory = join(root, 'bench')

// `npm run bench`: lists the benchmarks. `npm run bench -- <name>` runs one, `-- all` each of them, on the packages as built.
await runScript(async () => {
  await exclusively(async () => {
    await installFor([bench], 'Installing what the benchmarks need')
    await buildFor([bench], { declarations: false })
  })
  const tsx = createRequire(join(directory, 'package.json')).resolve('tsx')
  const args = ['--expose-gc', '--import', pathToFileURL(tsx).href, join(directory, 'src', 'lib', 'main.ts')]
  const { code } = await run(process.execPath, [...args, ...process.argv.slice(2)], { cwd: directory, show: true })
  return code
})
