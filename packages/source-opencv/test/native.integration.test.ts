import { readdirSync, readlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { nativeEnvironment } from '../src/native/native-environment.js'
import { backendCodes, type NativeModule, property } from '../src/native/native-module.js'
import { openCapture } from '../src/native/open-capture.js'
import { makeVideo } from './fixtures/make-video.js'
import { temporaryDirectory } from './fixtures/temporary-directory.js'
import { addon, describeWithOpencv } from './fixtures/tools.js'

const directory = temporaryDirectory()
const video = join(directory, 'video.mp4')
const { api } = backendCodes.ffmpeg

function timesOpen(path: string): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === path
    } catch {
      return false
    }
  }).length
}

describeWithOpencv('one opened device', () => {
  let native: NativeModule
  beforeAll(async () => {
    Object.assign(process.env, nativeEnvironment({ backend: 'ffmpeg' }, 10_000))
    native = createRequire(import.meta.url)(addon) as NativeModule
    await makeVideo({ path: video, frames: 30, frameRate: 25 })
  })

  it('is read, asked and set one call at a time, in their order, however they overlap', async () => {
    const capture = openCapture(native, video, api)
    const calls = [capture.read(), capture.read(), capture.set('frameRate', 5), capture.mode(), capture.read()] as const
    const [first, second, , mode, third] = await Promise.all(calls)
    expect([first, second, third].map((read) => Math.round(read?.positionMs ?? -1))).toEqual([0, 40, 80])
    expect(mode).toMatchObject({ width: 320, height: 180, frameRate: 25, fourcc: 'avc1' })
    for (const read of [first, second, third]) read?.mat.release()
    await capture.close()
  })

  it('is closed when close() has resolved, also right after a read', async () => {
    const capture = openCapture(native, video, api)
    const read = await capture.read()
    read?.mat.release()
    expect(timesOpen(video)).toBe(1)
    await capture.close()
    expect(timesOpen(video)).toBe(0)
    await capture.close()
    await expect(capture.read()).rejects.toThrow('closed')
  })

  it('gives no picture at its end, and then too', async () => {
    const capture = openCapture(native, video, api)
    for (let index = 0; index < 30; index++) (await capture.read())?.mat.release()
    expect(await capture.read()).toBeUndefined()
    expect(await capture.read()).toBeUndefined()
    await capture.close()
  })

  it('fails with Errors, though the native module throws strings', () => {
    expect(() => openCapture(native, join(directory, 'none.mp4'), api)).toThrow(Error)
  })

  it('is opened by the part of OpenCV that was chosen', () => {
    const capture = new native.VideoCapture(video, api)
    expect(capture.get(property.backend)).toBe(api)
    capture.release()
  })

  it('keeps no count of memory in the garbage collector', () => {
    const { isCustomMatAllocatorEnabled } = native as unknown as { isCustomMatAllocatorEnabled(): boolean }
    expect(isCustomMatAllocatorEnabled()).toBe(false)
  })
})
