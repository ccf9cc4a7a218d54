import { buildable, buildFor } from './build.mjs'
import { exclusively } from './exclusive.mjs'
import { installAll } from './install.mjs'
import { setUpOpencv } from './opencv.mjs'
import { setUpSystemTools } from './system-tools.mjs'

/** All that the tests need: packages, builds, the system's tools, OpenCV. */
export async function setUpTests() {
  await exclusively(async () => {
    await installAll()
    await buildFor(buildable(), { declarations: true })
  })
  await setUpSystemTools()
  await exclusively(setUpOpencv)
}
