import { buildable, buildFor } from './build.mjs'
import { setUpCeph } from './ceph.mjs'
import { exclusively } from './exclusive.mjs'
import { setUpFirebaseTools } from './firebase-tools.mjs'
import { installAll } from './install.mjs'
import { setUpOpencv } from './opencv.mjs'
import { setUpSystemTools, systemTools, systemToolsWithoutOpencv } from './system-tools.mjs'

/** @typedef {{ opencv: boolean, ceph: boolean, firebase: boolean }} Needs what takes minutes to set up, and whether it is wanted */

/**
 * All that the tests need: packages, builds, the system's tools, servers, OpenCV if they read with it.
 * @param {Needs} needs
 * @returns {Promise<{ opencv: Promise<void> }>} when all else is there; `opencv` when that is, too: its build leaves the processors to whoever else wants them.
 */
export async function setUpTests(needs) {
  await exclusively(async () => {
    await installAll()
    await buildFor(buildable(), { declarations: true })
  })
  await setUpSystemTools(needs.opencv ? systemTools : systemToolsWithoutOpencv)
  const opencv = needs.opencv ? exclusively(setUpOpencv, 'opencv') : Promise.resolve(true)
  // Whoever awaits it is told; until then, a failure is not unhandled.
  opencv.catch(() => {})
  await exclusively(async () => {
    // Without these servers, tests that are worth having are left out, and no other.
    if (needs.ceph) await setUpCeph()
    if (needs.firebase) await setUpFirebaseTools()
  })
  return { opencv: opencv.then(() => {}) }
}
