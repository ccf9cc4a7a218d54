import { afterAll, afterEach, expect } from 'vitest'
import { guardNetwork, takeRefusals } from './network-guard.js'

/** Adapters to services in the cloud, and what is made of them. */
const guardedTests =
  /[\\/](packages[\\/](jobs|sink)-|examples[\\/]sketchbox[\\/]|test[\\/]cloud[\\/]|scripts[\\/]test[\\/]network-guard)/

if (guardedTests.test(expect.getState().testPath ?? '')) {
  guardNetwork()
  const expectNone = () => expect(takeRefusals(), 'The test tried to reach another machine').toEqual([])
  afterEach(expectNone)
  afterAll(expectNone)
}
