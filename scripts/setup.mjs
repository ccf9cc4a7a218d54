import './lib/node-version.mjs'
import { setUpCeph } from './lib/ceph.mjs'
import { exclusively } from './lib/exclusive.mjs'
import { runScript } from './lib/failure.mjs'
import { setUpFirebaseTools } from './lib/firebase-tools.mjs'
import { installAll } from './lib/install.mjs'
import { setUpOpencv } from './lib/opencv.mjs'
import { setUpSystemTools, systemTools } from './lib/system-tools.mjs'

// `npm run setup`: what the tests need from the system. `npm test` does it by itself.
await runScript(async () => {
  const missing = await setUpSystemTools()
  const built = await exclusively(async () => {
    await installAll()
    // Without these servers, tests that are worth having are left out, and no other.
    await setUpCeph()
    await setUpFirebaseTools()
    return exclusively(setUpOpencv, 'opencv')
  })
  if (missing.length > 0 || !built) return 1
  console.log(`✓ The system has what the tests need: ${systemTools.map(({ name }) => name).join(', ')}`)
})
