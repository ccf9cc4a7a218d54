import { rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { webcamSource } from '../src/index.js'
import { barOf, decodePicture } from './fixtures/pixels.js'
import { readFrames } from './fixtures/read-frames.js'
import { temporaryDirectory } from './fixtures/temporary-directory.js'
import { testCard } from './fixtures/test-card.js'

const directory = temporaryDirectory()
/** The bars of the test card from left to right. */
const bars = [0, 1, 2, 3, 4, 5, 6, 7]
const middles = bars.map((bar) => (bar + 0.5) / 8)

describe('fswebcam itself', () => {
  it('takes pictures of its test card: the whole of it, without a banner', async () => {
    const { frames, error, notices } = await readFrames(webcamSource({ tool: 'fswebcam', device: 'TEST', intervalMs: 100 }), 2)
    expect(error).toBeUndefined()
    for (const frame of frames) {
      expect(frame).toMatchObject({ mimeType: 'image/jpeg', codedWidth: 1280, codedHeight: 720 })
      expect(frame.rotation).toBeUndefined()
      const picture = await decodePicture(frame.data, 1280, 720)
      for (const row of [0.001, 0.5, 0.999]) expect(middles.map((x) => barOf(picture.at(x, row)))).toEqual(bars)
    }
    expect(notices[0]?.details).toMatchObject({ captureTime: frames[0]?.captureTime })
  })

  it('asks for the size and the quality that were chosen', async () => {
    const sizes = await Promise.all(
      [10, 95].map(async (quality) => {
        const options = { tool: 'fswebcam', device: 'test', width: 320, height: 240, quality } as const
        const [frame] = (await readFrames(webcamSource(options))).frames
        expect(frame).toMatchObject({ codedWidth: 320, codedHeight: 240 })
        return frame?.data.length ?? 0
      }),
    )
    expect(sizes[0]).toBeLessThan(sizes[1] as number)
  })

  it.each([
    [{ rotation: 90 }, 48, 64, 'down', bars],
    [{ rotation: 270 }, 48, 64, 'down', bars.toReversed()],
    [{ rotation: 180 }, 64, 48, 'across', bars.toReversed()],
    [{ flip: 'horizontal' }, 64, 48, 'across', bars.toReversed()],
    [{ flip: 'vertical' }, 64, 48, 'across', bars],
    [{ rotation: 90, flip: 'vertical' }, 48, 64, 'down', bars.toReversed()],
    [{ rotation: 180, flip: 'both' }, 64, 48, 'across', bars],
  ] as const)('turns and mirrors the pixels: %o', async (options, width, height, along, order) => {
    const [frame] = (await readFrames(webcamSource({ tool: 'fswebcam', device: 'TEST', width: 64, height: 48, ...options })))
      .frames
    expect(frame).toMatchObject({ codedWidth: width, codedHeight: height })
    expect(frame?.rotation).toBeUndefined()
    const picture = await decodePicture(frame?.data as Uint8Array, width, height)
    expect(middles.map((place) => barOf(along === 'down' ? picture.at(0.5, place) : picture.at(place, 0.5)))).toEqual(order)
  })

  it('takes a file for a camera, and tells that it has another size', async () => {
    const path = join(directory, 'ein Bild.jpg')
    await writeFile(path, await testCard())
    const { frames, notices } = await readFrames(webcamSource({ tool: 'fswebcam', device: `file:${path}`, intervalMs: 100 }), 2)
    expect(frames[1]).toMatchObject({ codedWidth: 64, codedHeight: 48 })
    const picture = await decodePicture(frames[1]?.data as Uint8Array, 64, 48)
    expect(middles.map((x) => barOf(picture.at(x, 0.5)))).toEqual(bars)
    expect(notices.filter(({ details }) => details?.width === 64)).toHaveLength(1)
  })

  it.each([
    ['/dev/video255', 'SNAPMINT_SOURCE_NOT_FOUND', true],
    ['/dev/nosuch/video', 'SNAPMINT_SOURCE_NOT_FOUND', true],
    ['/dev/null', 'SNAPMINT_SOURCE_UNREADABLE', false],
    ['/dev/../etc/passwd', 'SNAPMINT_SOURCE_UNREADABLE', false],
    ['/dev/shm', 'SNAPMINT_SOURCE_UNREADABLE', false],
    ['file:/nosuch.jpg', 'SNAPMINT_SOURCE_NOT_FOUND', true],
    ['file:/etc/passwd', 'SNAPMINT_SOURCE_UNREADABLE', false],
  ])('says what is wrong with %s', async (device, code, retryable) => {
    const { frames, error } = await readFrames(webcamSource({ tool: 'fswebcam', device }))
    expect(frames).toEqual([])
    expect(error).toMatchObject({ code, retryable, adapter: 'webcam' })
  })

  it('follows a path in /dev to the device, for fswebcam cuts paths at colons', async () => {
    const link = `/dev/shm/snapmint-test-${process.pid}:1.0-link`
    await symlink('/dev/null', link)
    try {
      const { error } = await readFrames(webcamSource({ tool: 'fswebcam', device: link }))
      expect((error as Error).message).toContain('/dev/null: Not a V4L2 device')
    } finally {
      await rm(link)
    }
  })
})
