import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { cameraCandidates } from '../../src/cameras/camera-candidates.js'

describe('cameraCandidates', () => {
  it('are those that the Linux kernel lists, in their order and with their names', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'snapmint-video4linux-'))
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
    for (const [entry, name] of [
      ['video10', 'HD Pro Webcam C920\n'],
      ['video2', 'USB 2.0 Camera\n'],
      ['v4l-subdev0', 'sensor\n'],
    ]) {
      mkdirSync(join(directory, entry!))
      writeFileSync(join(directory, entry!, 'name'), name!)
    }
    mkdirSync(join(directory, 'video3'))
    expect(await cameraCandidates('linux', directory)).toEqual([
      { device: '/dev/video2', name: 'USB 2.0 Camera' },
      { device: '/dev/video3', name: undefined },
      { device: '/dev/video10', name: 'HD Pro Webcam C920' },
    ])
  })

  it('are none where no driver for cameras is loaded', async () => {
    expect(await cameraCandidates('linux', '/nowhere/video4linux')).toEqual([])
  })

  it('are the first numbers on other systems', async () => {
    expect((await cameraCandidates('darwin')).map(({ device }) => device)).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  })
})
