import { readFileSync } from 'node:fs'
import { chmod, copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Frame } from '@snapmint/core/adapter'
import { readTimeCodeFromJpeg } from '@snapmint/source-sketch'
import { beforeAll, expect, it } from 'vitest'
import { ffmpegSource } from '../src/index.js'
import { describeWithFfmpeg, runFfmpeg } from './fixtures/ffmpeg-tool.js'
import { makeVideo } from './fixtures/make-video.js'
import { until } from './fixtures/processes.js'
import { createContext, gapsOf, readFrames } from './fixtures/read-frames.js'
import { temporaryDirectory } from './fixtures/temporary-directory.js'

const directory = temporaryDirectory()
const at = (name: string) => join(directory, name)

/** The media time in ms that each picture shows. */
function mediaTimes(frames: readonly Frame[]): number[] {
  return frames.map(({ data }) => {
    const time = readTimeCodeFromJpeg(data)
    if (time === undefined) throw new Error('The picture has no legible time code')
    return time
  })
}

/** How far the differences between captureTime and the shown media time are apart, in ms. Media times of later rounds are continued. */
function spread(frames: readonly Frame[], roundMs = 0): number {
  let round = 0
  const times = mediaTimes(frames)
  const starts = frames.map((frame, index) => {
    if (index > 0 && (times[index] as number) < (times[index - 1] as number)) round += 1
    return frame.captureTime - (times[index] as number) - round * roundMs
  })
  return Math.max(...starts) - Math.min(...starts)
}

describeWithFfmpeg('ffmpegSource on a file', () => {
  beforeAll(async () => {
    await makeVideo({ path: at('25.mp4'), frames: 20, frameRate: 25, audioSeconds: 1.5 })
    await makeVideo({ path: at('30.mp4'), frames: 24, frameRate: 30 })
    await makeVideo({ path: at('5.mp4'), frames: 5, frameRate: 25, outputOptions: ['-bf', '0'] })
    await makeVideo({ path: at('10.ts'), frames: 10, frameRate: 10, outputOptions: ['-output_ts_offset', '1000'] })
    await runFfmpeg(['-f', 'lavfi', '-t', '0.5', '-i', 'sine', at('sound.m4a')])
    await runFfmpeg(['-f', 'lavfi', '-i', 'testsrc2=size=160x120', '-frames:v', '1', at('still.jpg')])
    await writeFile(at('empty.mp4'), '')
    await writeFile(at('text.mp4'), 'This is not a video.\n')
    await mkdir(at('folder.mp4'))
    await copyFile(at('25.mp4'), at('concat:a|b%d?.mp4'))
  })

  it('plays it once, every picture at its own place in time, and never ahead of the clock', async () => {
    const { frames, aheadMs, error } = await readFrames(ffmpegSource({ input: at('25.mp4') }))
    expect(error).toBeUndefined()
    expect(frames).toHaveLength(20)
    expect(mediaTimes(frames)).toEqual(Array.from({ length: 20 }, (_, index) => index * 40))
    for (const gap of gapsOf(frames)) expect(gap).toBeCloseTo(40, 2)
    expect(spread(frames)).toBeLessThan(0.1)
    expect(Math.max(...aheadMs)).toBeLessThanOrEqual(0)
    expect(frames[0]).toMatchObject({ mimeType: 'image/jpeg', codedWidth: 320, codedHeight: 180 })
  })

  it('keeps the spacing of a rate that is no whole number of milliseconds', async () => {
    const { frames } = await readFrames(ffmpegSource({ input: at('30.mp4') }))
    expect(frames).toHaveLength(24)
    for (const gap of gapsOf(frames)) expect(gap).toBeCloseTo(1000 / 30, 2)
    expect(spread(frames)).toBeLessThanOrEqual(1)
  })

  it.each([
    ['25.mp4', 20, 25],
    ['10.ts', 10, 10],
  ])('loops %s over the seam without a gap, a repetition or a loss', async (name, count, frameRate) => {
    const max = count * 2 + 3
    const { frames, aheadMs } = await readFrames(ffmpegSource({ input: at(name), loop: true }), { max })
    const interval = 1000 / frameRate
    expect(mediaTimes(frames)).toEqual(Array.from({ length: max }, (_, index) => (index % count) * interval))
    for (const gap of gapsOf(frames)) expect(gap).toBeCloseTo(interval, 1)
    expect(spread(frames, count * interval)).toBeLessThan(1)
    expect(Math.max(...aheadMs)).toBeLessThanOrEqual(0)
  })

  it('loops a single picture once a second', async () => {
    const { frames } = await readFrames(ffmpegSource({ input: at('still.jpg'), loop: true }), { max: 3 })
    expect(gapsOf(frames).map(Math.round)).toEqual([1000, 1000])
  })

  it.each([
    ['still.jpg', 3, 1],
    ['5.mp4', 6, 5],
  ])('loops %s without starting more rounds than the read-ahead needs', async (name, ahead, perSecond) => {
    const log = at(`${name}.log`)
    const ffmpegPath = at(`${name}.sh`)
    const program = process.env.FFMPEG_PATH ?? 'ffmpeg'
    await writeFile(ffmpegPath, `#!/bin/sh\n[ "$1" = -version ] || echo round >> '${log}'\nexec '${program}' "$@"\n`)
    await chmod(ffmpegPath, 0o755)
    await writeFile(log, '')
    const rounds = () => readFileSync(log, 'utf8').split('\n').length - 1
    let clock = 1_795_000_000_000
    const source = ffmpegSource({ input: at(name), loop: true, ffmpegPath })
    const run = source.frames(createContext(new AbortController().signal, { now: () => clock }))[Symbol.asyncIterator]()
    const start = (await run.next()).value.captureTime
    for (let second = 0; second < 3; second++) {
      const needed = ahead + second * perSecond
      await until(() => rounds() >= needed, 'enough was read ahead')
      // The clock stands still: a source without a limit starts rounds while these run.
      for (let yardstick = 0; yardstick < 3; yardstick++) await runFfmpeg(['-i', at(name), '-f', 'null', '-'])
      expect(rounds()).toBe(needed)
      clock += 1000
      for (let time = start; time < clock; ) time = (await run.next()).value.captureTime
    }
    await run.return?.()
  })

  it('thins out to the frame rate that is asked for, with exact times', async () => {
    const { frames } = await readFrames(ffmpegSource({ input: at('25.mp4'), frameRate: 10 }))
    expect(frames.length).toBeGreaterThanOrEqual(7)
    expect(frames.length).toBeLessThanOrEqual(9)
    expect(spread(frames)).toBeLessThan(0.1)
  })

  it('does not thin out what is slow enough already', async () => {
    expect((await readFrames(ffmpegSource({ input: at('30.mp4'), frameRate: 30 }))).frames).toHaveLength(24)
  })

  it('makes smaller files of lower quality', async () => {
    const sizeAt = async (quality: number) =>
      (await readFrames(ffmpegSource({ input: at('25.mp4'), quality }), { max: 1 })).frames[0]?.data.byteLength as number
    expect(await sizeAt(10)).toBeLessThan(await sizeAt(100))
  })

  it('opens a file whose name looks like a protocol, a pattern and a query', async () => {
    const { frames } = await readFrames(ffmpegSource({ input: at('concat:a|b%d?.mp4') }), { max: 2 })
    expect(frames).toHaveLength(2)
  })

  it('holds the reading back for a consumer that stops, and loses nothing', async () => {
    const { signal } = new AbortController()
    const notices: string[] = []
    const source = ffmpegSource({ input: at('25.mp4'), encode: 'jpeg', maxQueueBytes: 2 ** 20 })
    const now = () => performance.timeOrigin + performance.now()
    const times: number[] = []
    for await (const frame of source.frames({
      signal,
      now,
      allocate: (size) => new Uint8Array(size),
      notice: (text) => notices.push(text),
    })) {
      times.push(frame.captureTime)
      if (times.length === 3) await new Promise((resolve) => setTimeout(resolve, 50))
    }
    expect(times).toHaveLength(20)
    expect(notices).toEqual([])
  })

  it.each([
    ['nowhere.mp4', 'SNAPMINT_SOURCE_NOT_FOUND', 'does not exist'],
    ['folder.mp4', 'SNAPMINT_SOURCE_UNREADABLE', 'is a directory'],
    ['empty.mp4', 'SNAPMINT_SOURCE_UNREADABLE', 'is empty'],
    ['text.mp4', 'SNAPMINT_SOURCE_UNREADABLE', 'it is damaged'],
    ['sound.m4a', 'SNAPMINT_SOURCE_UNREADABLE', 'it has no video stream'],
  ])('says of %s what is wrong, for good', async (name, code, words) => {
    for (const loop of [false, true]) {
      const { frames, error } = await readFrames(ffmpegSource({ input: at(name), loop }))
      expect(frames).toHaveLength(0)
      expect(error).toMatchObject({ name: 'SnapmintError', code, retryable: false, adapter: 'ffmpeg' })
      expect((error as Error).message).toContain(words)
      expect((error as Error).message).toContain(at(name))
    }
  })

  it('takes a name that begins with a hyphen for a name', async () => {
    const { error } = await readFrames(ffmpegSource({ input: '-version' }))
    expect(error).toMatchObject({ code: 'SNAPMINT_SOURCE_NOT_FOUND' })
  })

  it('names the option at fault when FFmpeg does not know it', async () => {
    const { error } = await readFrames(ffmpegSource({ input: at('25.mp4'), inputOptions: ['-nonsense', '1'] }))
    expect(error).toMatchObject({ code: 'SNAPMINT_SOURCE_FAILED', retryable: false })
    expect((error as Error).message).toContain('nonsense')
  })
  it('tells that pictures which are encoded may be smeared, where the video is damaged, and only there', async () => {
    const whole = await makeVideo({ path: at('whole.ts'), frames: 40, frameRate: 25 })
    const packets = readFileSync(whole)
    // A kilobyte is missing in the middle.
    const gap = Math.floor(packets.length / 2 / 188) * 188
    await writeFile(at('gap.ts'), Buffer.concat([packets.subarray(0, gap), packets.subarray(gap + 6 * 188)]))
    const noticesOf = async (input: string) => (await readFrames(ffmpegSource({ input, encode: 'jpeg' }))).notices
    expect(await noticesOf(at('gap.ts'))).toContainEqual(expect.stringMatching(/damage.*what it made up/))
    expect(await noticesOf(whole)).toEqual([])
  })
})
