import './lib/node-version.mjs'
import { runScript } from './lib/failure.mjs'
import { setUpSystemTools, systemTools } from './lib/system-tools.mjs'

// `npm run setup`: what the tests need from the system. `npm test` does it by itself.
await runScript(async () => {
  const missing = await setUpSystemTools()
  if (missing.length > 0) return 1
  console.log(`✓ The system has what the tests need: ${systemTools.map(({ name }) => name).join(', ')}`)
})
