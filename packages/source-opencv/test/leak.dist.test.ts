import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { runInline } from './fixtures/run-inline.js'
import { temporaryDirectory } from './fixtures/temporary-directory.js'
import { describeWithOpencv, runFfmpeg } from './fixtures/tools.js'

const directory = temporaryDirectory()
const part = join(directory, 'part.mp4')
const video = join(directory, 'video.mp4')
const FRAMES = 5000
const MEGABYTES_OF_ONE_PICTURE = 6

describeWithOpencv('memory', () => {
  beforeAll(async () => {
    const size = '1920x1080'
    const codec = ['-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '30', '-pix_fmt', 'yuv420p']
    await runFfmpeg(['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=25`, '-frames:v', '100', ...codec, part])
    await runFfmpeg(['-stream_loop', String(FRAMES / 100 - 1), '-i', part, '-c', 'copy', '-frames:v', String(FRAMES), video])
  }, 120_000)

  it('does not grow while 5,000 pictures of 1080p are read, some of them turned, mirrored and encoded', async () => {
    // As fast as they can be read, some two hundred a second; seven a second are due.
    const source = { device: video, live: true, intervalMs: 150, rotation: 90, flip: 'both' } as const
    const { told } = await runInline({ sources: [source], rssEveryMs: 100 })
    expect(told.at(-1)).toMatchObject({ type: 'failed', code: 'SNAPMINT_SOURCE_ENDED' })
    expect(told.filter(({ type }) => type === 'frame').length).toBeGreaterThan(50)
    const megabytes = told.flatMap(({ megabytes }) => megabytes ?? [])
    const half = Math.floor(megabytes.length / 2)
    const peak = (values: readonly number[]) => Math.max(...values)
    // 5,000 pictures are 31 GB; ten that are not released would show.
    expect(peak(megabytes.slice(half)) - peak(megabytes.slice(0, half))).toBeLessThan(10 * MEGABYTES_OF_ONE_PICTURE)
    expect(peak(megabytes)).toBeLessThan(700)
  }, 240_000)
})
