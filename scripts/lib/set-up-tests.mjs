import { buildable, buildFor } from './build.mjs'
import { exclusively } from './exclusive.mjs'
import { installAll } from './install.mjs'
import { setUpOpencv } from './opencv.mjs'
import { setUpSystemTools, systemTools, systemToolsWithoutOpencv } from './system-tools.mjs'

/** All that the tests need: packages, builds, the system's tools, OpenCV if they read with it. */
export async function setUpTests({ opencv = true } = {}) {
  await exclusively(async () => {
    await installAll()
    await buildFor(buildable(), { declarations: true })
  })
  await setUpSystemTools(opencv ? systemTools : systemToolsWithoutOpencv)
  if (opencv) await exclusively(setUpOpencv)
}
