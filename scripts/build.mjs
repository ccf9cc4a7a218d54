import './lib/node-version.mjs'
import { buildable, buildFor } from './lib/build.mjs'
import { exclusively } from './lib/exclusive.mjs'
import { runScript } from './lib/failure.mjs'
import { installAll } from './lib/install.mjs'

// `npm run build`: every package, with declarations. What has not changed is left alone.
await runScript(() =>
  exclusively(async () => {
    await installAll()
    await buildFor(buildable(), { declarations: true })
  }),
)
