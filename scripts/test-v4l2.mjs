import './lib/node-version.mjs'
import { runScript } from './lib/failure.mjs'
import { setUpTests } from './lib/set-up-tests.mjs'
import { summaryLine } from './lib/test-counts.mjs'
import { runV4l2Tests } from './v4l2/run-v4l2-tests.mjs'

// `npm run test:v4l2`: the camera sources on a real V4L2 device. `npm run test:v4l2 -- <part of a title>`: some of these tests.
await runScript(async () => {
  const { opencv } = await setUpTests({ opencv: true, ceph: false, firebase: false })
  await opencv
  const counts = await runV4l2Tests(process.argv.slice(2).join(' '))
  console.log(summaryLine(counts))
  return counts.failed > 0 || (process.env.CI === 'true' && counts.skipped > 0) ? 1 : 0
})
