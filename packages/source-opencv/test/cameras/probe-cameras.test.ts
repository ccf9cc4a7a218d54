import { describe, expect, it } from 'vitest'
import { probeCameras } from '../../src/cameras/probe-cameras.js'

const module = new URL('../fixtures/fake-probe.mjs', import.meta.url)
const found = { width: 640, height: 480, frameRate: 30 }

describe('probeCameras', () => {
  it('answers for each device in order', async () => {
    const results = await probeCameras(['a', 'none', 'b'], { module, env: {}, timeoutMs: 5000 })
    expect(results).toEqual([found, undefined, found])
  })

  it('outlives a driver that crashes, and goes on with the next device', async () => {
    const results = await probeCameras(['a', 'crash', 'b', 'crash'], { module, env: {}, timeoutMs: 5000 })
    expect(results).toEqual([found, undefined, found, undefined])
  })

  it('outlives a driver that hangs', async () => {
    const results = await probeCameras(['a', 'hang', 'b'], { module, env: {}, timeoutMs: 100 })
    expect(results).toEqual([found, undefined, found])
  })

  it('ends with the reason of its signal, and leaves no child', async () => {
    const controller = new AbortController()
    const probing = probeCameras(['hang'], { module, env: {}, timeoutMs: 60_000, signal: controller.signal })
    setTimeout(() => controller.abort(new Error('enough')), 50)
    await expect(probing).rejects.toThrow('enough')
  })

  it('starts nothing for no devices', async () => {
    const nowhere = new URL('file:///nowhere.mjs')
    expect(await probeCameras([], { module: nowhere, env: {}, timeoutMs: 100 })).toEqual([])
  })
})
