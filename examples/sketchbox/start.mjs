import { fileURLToPath } from 'node:url'
import { register } from 'tsx/esm/api'

// The packages as built, not their sources: tsx would follow the paths of the tsconfig.json above this folder.
process.env.TSX_TSCONFIG_PATH = fileURLToPath(new URL('tsconfig.json', import.meta.url))
register()

const { main } = await import('./src/main.ts')
process.exitCode = await main(process.argv.slice(2))
// Everything is closed. The SDKs' connections to a service that does not answer would keep the process for a minute.
setTimeout(() => process.exit(), 1_000).unref()
