import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { readTimeCodeFromJpeg } from '@snapmint/source-sketch'
import { describe, expect, it } from 'vitest'
import { findFirestoreEmulator } from '../../../scripts/firestore-emulator/firestore-emulator.mjs'
import { findStorageEmulator } from '../../../scripts/storage-emulator/storage-emulator.mjs'
import { startSketchbox } from './fixtures/run-sketchbox.js'
import { filesBelow, temporaryFolder } from './fixtures/temporary-folder.js'

const contract = '0x52908400098527886E0F7030069857D2E4169EE7'

/** Processes below this one, as far as they are not over. */
function descendantsOf(pid: number): number[] {
  const rows = execFileSync('ps', ['-eo', 'pid=,ppid=,stat='], { encoding: 'utf8' }).trim().split('\n')
  const processes = rows.map((row) => row.trim().split(/\s+/)).filter(([, , state]) => !state?.startsWith('Z'))
  const children = processes.filter(([, parent]) => Number(parent) === pid).map(([child]) => Number(child))
  return [...children, ...children.flatMap(descendantsOf)]
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

describe('--emulators', { timeout: 120_000 }, () => {
  it('files jobs, delivers each as the original would, and ends by itself with 0', async () => {
    const directory = await temporaryFolder()
    const { code, stdout, stderr } = await startSketchbox(directory, ['--emulators', '--jobs', '7', '--for', '90']).ended
    expect(stderr).toBe('')
    expect(stdout).toMatch(/^7 jobs filed, 7 came out right, [1-7] objects? in the bucket/m)
    expect(code).toBe(0)
    expect(stdout).toContain(findFirestoreEmulator() === undefined ? 'a Firestore in memory' : "Google's emulator on 127.0.0.1:")
    expect(stdout).toContain(
      findStorageEmulator() === undefined ? 'a small server of our own' : "Firebase's emulator on 127.0.0.1:",
    )
    expect(stdout.match(/^→ viewer \d mints: \{ mediaTimestamp: null, dateCreated: \d{10} \}/gm)).toHaveLength(7)
    expect(
      stdout.match(/^✓ viewer \d: mediaTimestamp (\d{10}), frames\/0x\w{40}\/\1\.jpg, \d+ bytes, picture of /gm),
    ).toHaveLength(7)
    const pictures = await filesBelow(join(directory, 'snapmint-data/sketchbox/frames', contract))
    const named = new Set(stdout.match(/\d{10}(?=\.jpg)/g))
    expect(new Set(pictures.map((path) => basename(path, '.jpg')))).toEqual(named)
    for (const path of pictures) {
      const time = readTimeCodeFromJpeg(await readFile(path))!
      // The code is rounded to the millisecond, the name is rounded down.
      expect([Math.floor(time / 1000), Math.floor((time - 1) / 1000)]).toContain(Number(basename(path, '.jpg')))
    }
  })

  it('does the same without emulators: in memory, and on a server of its own', async () => {
    const directory = await temporaryFolder()
    const env = { CHECKPOINT_FREQUENCY: '1' }
    const { code, stdout, stderr } = await startSketchbox(directory, ['--in-memory', '--jobs', '4', '--data', 'mine'], env).ended
    expect(stderr).toBe('')
    expect(stdout).toContain('of a Firestore in memory')
    expect(stdout).toContain('a small server of our own on 127.0.0.1:')
    expect(stdout).toMatch(/^4 jobs filed, 4 came out right/m)
    expect(code).toBe(0)
    expect((await filesBelow(join(directory, 'mine/checkpoints'))).length).toBeGreaterThanOrEqual(1)
  })

  it('starts its own emulators, whatever others the environment names', async () => {
    const env = { FIRESTORE_EMULATOR_HOST: '127.0.0.1:9', STORAGE_EMULATOR_HOST: 'http://127.0.0.1:9' }
    const { code, stdout, stderr } = await startSketchbox(await temporaryFolder(), ['--emulators', '--jobs', '1'], env).ended
    expect(stderr).toBe('')
    expect(stdout).toMatch(/^1 job filed, 1 came out right/m)
    expect(code).toBe(0)
  })

  it('ends on Ctrl-C with 0 and leaves no process behind', async () => {
    const sketchbox = startSketchbox(await temporaryFolder(), ['--emulators'])
    await sketchbox.said('✓ viewer', 2)
    const processes = descendantsOf(sketchbox.pid)
    sketchbox.send('SIGINT')
    const { code, stdout, stderr } = await sketchbox.ended
    expect(stderr).toBe('')
    const [, filed, right] = /^(\d+) jobs filed, (\d+) came out right/m.exec(stdout) ?? []
    expect(filed).toBe(right)
    expect(code).toBe(0)
    await expect.poll(() => processes.filter(isAlive), { timeout: 20_000 }).toEqual([])
  })

  it('leaves no process behind when it is killed', async () => {
    const sketchbox = startSketchbox(await temporaryFolder(), ['--emulators'])
    await sketchbox.said('✓ viewer')
    const processes = descendantsOf(sketchbox.pid)
    sketchbox.send('SIGKILL')
    await sketchbox.ended
    await expect.poll(() => processes.filter(isAlive), { timeout: 20_000 }).toEqual([])
  })

  if (findFirestoreEmulator() !== undefined)
    it("ends in time with 1, and leaves no process behind, when Google's emulator is gone", async () => {
      const sketchbox = startSketchbox(await temporaryFolder(), ['--emulators', '--for', '15'])
      await sketchbox.said('✓ viewer')
      const processes = descendantsOf(sketchbox.pid)
      const nameOf = (pid: number) => execFileSync('ps', ['-o', 'comm=', '-p', String(pid)], { encoding: 'utf8' }).trim()
      const emulators = processes.filter((pid) => nameOf(pid) === 'java')
      expect(emulators).toHaveLength(1)
      for (const pid of emulators) process.kill(pid, 'SIGKILL')
      const { code, stdout } = await sketchbox.ended
      expect(stdout).toMatch(/^✗ viewer \d+: Firestore did not take the job$/m)
      expect(code).toBe(1)
      await expect.poll(() => processes.filter(isAlive), { timeout: 20_000 }).toEqual([])
    })

  it('ends with 1 when a job did not come out', async () => {
    // Nothing gives pictures: the camera is not there.
    const env = { CAMERA_INDEX: '/dev/video99' }
    const { code, stdout } = await startSketchbox(await temporaryFolder(), ['--emulators', '--jobs', '1', '--for', '3'], env)
      .ended
    expect(stdout).toContain('✗ viewer 1: the document still waits')
    expect(stdout).toContain('1 job filed, 0 came out right')
    expect(code).toBe(1)
  })
})
