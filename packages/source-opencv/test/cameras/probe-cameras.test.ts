import { type ChildProcess, fork } from 'node:child_process'
import { describe, expect, it, onTestFinished } from 'vitest'
import { listCameras } from '../../src/cameras/list-cameras.js'
import { probeCameras } from '../../src/cameras/probe-cameras.js'

const module = new URL('../fixtures/fake-probe.mjs', import.meta.url)
const found = { width: 640, height: 480, frameRate: 30 }

/** Starts children on which SIGKILL has no effect, as on one that waits in a driver. */
function startUnkillable(url: URL, env: NodeJS.ProcessEnv): ChildProcess {
  const child = fork(url, { stdio: ['ignore', 'ignore', 'ignore', 'ipc'], env, execArgv: [] })
  const kill = child.kill.bind(child)
  onTestFinished(() => void kill('SIGKILL'))
  return Object.assign(child, { kill: () => true })
}

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

  it('waits for no child that cannot be killed', async () => {
    const options = { module, env: {}, timeoutMs: 100, start: startUnkillable }
    expect(await probeCameras(['a', 'hang', 'b'], options)).toEqual([found, undefined, found])
    const controller = new AbortController()
    const probing = probeCameras(['hang'], { ...options, timeoutMs: 60_000, signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(probing).rejects.toThrow('enough')
  })

  it('starts nothing for no devices', async () => {
    const nowhere = new URL('file:///nowhere.mjs')
    expect(await probeCameras([], { module: nowhere, env: {}, timeoutMs: 100 })).toEqual([])
  })
})

describe('listCameras', () => {
  it.each([{}, 'now', null, new AbortController()])('names a signal that is none: %o', async (signal) => {
    const refused = listCameras({ signal: signal as AbortSignal })
    await expect(refused).rejects.toThrow(TypeError)
    await expect(refused).rejects.toThrow('Expected `signal` to be an AbortSignal')
  })
})
