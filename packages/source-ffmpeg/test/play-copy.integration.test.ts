import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Frame, ImageFrame, VideoChunk } from '@snapmint/core/adapter'
import { readTimeCodeFromJpeg } from '@snapmint/source-sketch'
import { beforeAll, expect, it } from 'vitest'
import { createStillDecoder } from '../src/decode/still-decoder.js'
import { ffmpegSource } from '../src/index.js'
import { countStarts } from './fixtures/count-starts.js'
import { describeWithFfmpeg, runFfmpeg } from './fixtures/ffmpeg-tool.js'
import { makeVideo } from './fixtures/make-video.js'
import { gapsOf, readFrames } from './fixtures/read-frames.js'
import { temporaryDirectory } from './fixtures/temporary-directory.js'

const directory = temporaryDirectory()
const at = (name: string) => join(directory, name)
const decoder = createStillDecoder()
const FRAME_MS = 40
const noB = ['-bf', '0']
const x265 = ['-c:v', 'libx265', '-x265-params', 'bframes=0:keyint=10:log-level=error']
const isChunk = (frame: Frame): frame is VideoChunk => 'codec' in frame
const keysOf = (frames: readonly Frame[]) =>
  frames.flatMap((frame, index) => (isChunk(frame) && frame.type === 'key' ? [index] : []))

/** The media time that each picture shows, of chunks too. */
async function mediaTimes(frames: readonly Frame[]): Promise<(number | undefined)[]> {
  const stills = frames.map((frame, index) => {
    if (!isChunk(frame)) return frame as ImageFrame
    const key = frames.findLastIndex((other, place) => place <= index && isChunk(other) && other.type === 'key')
    const run = frames.slice(key, index + 1) as VideoChunk<ArrayBuffer>[]
    return decoder.decode(run, { signal: new AbortController().signal })
  })
  return (await Promise.all(stills)).map(({ data }) => readTimeCodeFromJpeg(data))
}

const everyFrame = (count: number, from = 0) => Array.from({ length: count }, (_, index) => (from + index) * FRAME_MS)

describeWithFfmpeg('ffmpegSource on a file that it does not encode', () => {
  beforeAll(async () => {
    const video = { frames: 30, frameRate: 1000 / FRAME_MS }
    await makeVideo({ ...video, path: at('avc.mp4'), outputOptions: noB, audioSeconds: 1 })
    for (const name of ['avc.mkv', 'avc.ts', 'avc.flv', 'avc.avi', 'avc.mov', 'avc.264'])
      await runFfmpeg(['-i', at('avc.mp4'), '-an', '-c', 'copy', at(name)])
    await makeVideo({ ...video, path: at('hevc.mp4'), outputOptions: x265 })
    for (const name of ['hevc.mkv', 'hevc.ts']) await runFfmpeg(['-i', at('hevc.mp4'), '-c', 'copy', at(name)])
    await makeVideo({ ...video, path: at('b.mp4') })
    await runFfmpeg(['-i', at('b.mp4'), '-c', 'copy', at('b.ts')])
    await makeVideo({ ...video, path: at('mjpeg.avi'), outputOptions: ['-c:v', 'mjpeg', '-q:v', '3', '-bf', '0'] })
    await makeVideo({ ...video, path: at('mpeg4.mp4'), outputOptions: ['-c:v', 'mpeg4', '-q:v', '3', '-bf', '0'] })
  }, 120_000)

  it.each(['avc.mp4', 'avc.mkv', 'avc.ts', 'avc.flv', 'avc.avi', 'avc.mov', 'avc.264', 'hevc.mp4', 'hevc.mkv', 'hevc.ts'])(
    'hands %s on as it came, whole, in order and evenly spaced',
    async (name) => {
      const { frames, aheadMs, notices, error } = await readFrames(ffmpegSource({ input: at(name) }))
      expect([error, notices]).toEqual([undefined, []])
      expect(keysOf(frames)).toEqual([0, 10, 20])
      const codec = name.startsWith('avc') ? /^avc1\.64/ : /^hvc1\.1\./
      for (const frame of frames)
        expect(frame).toMatchObject({ codec: expect.stringMatching(codec), codedWidth: 320, codedHeight: 180 })
      for (const gap of gapsOf(frames)) expect(gap).toBeCloseTo(FRAME_MS, 2)
      expect(Math.max(...aheadMs)).toBeLessThanOrEqual(0)
      expect(await mediaTimes(frames)).toEqual(everyFrame(30))
    },
  )

  it('hands JPEG on byte by byte', async () => {
    const { frames, notices } = await readFrames(ffmpegSource({ input: at('mjpeg.avi') }))
    expect(notices).toEqual([])
    expect(await mediaTimes(frames)).toEqual(everyFrame(30))
    const file = readFileSync(at('mjpeg.avi'))
    for (const { data } of frames) expect(file.includes(Buffer.from(data))).toBe(true)
    expect(frames[0]).toMatchObject({ mimeType: 'image/jpeg', codedWidth: 320, codedHeight: 180 })
  })

  it.each([
    ['b.mp4', 'B-frames'],
    ['b.ts', 'B-frames'],
    ['mpeg4.mp4', 'it is MPEG-4'],
  ])('encodes %s, says why, and loses nothing', async (name, reason) => {
    const { frames, notices } = await readFrames(ffmpegSource({ input: at(name) }))
    expect(notices).toEqual([expect.stringContaining('are encoded as JPEG')])
    expect(notices[0]).toContain(reason)
    for (const frame of frames) expect(frame).toMatchObject({ mimeType: 'image/jpeg', codedWidth: 320, codedHeight: 180 })
    expect(await mediaTimes(frames)).toEqual(everyFrame(30))
  })

  it('goes on as JPEG from the place it had reached when B-frames come late', async () => {
    await makeVideo({ path: at('plain.mp4'), frames: 15, frameRate: 25, outputOptions: ['-bf', '0', '-g', '15'] })
    await makeVideo({
      path: at('late.mp4'),
      frames: 30,
      frameRate: 25,
      outputOptions: ['-bf', '2', '-g', '15'],
    })
    await runFfmpeg(['-i', at('plain.mp4'), '-c', 'copy', at('plain.ts')])
    await runFfmpeg(['-i', at('late.mp4'), '-c', 'copy', '-output_ts_offset', '0.6', at('late.ts')])
    writeFileSync(at('joined.ts'), Buffer.concat([readFileSync(at('plain.ts')), readFileSync(at('late.ts'))]))
    const { frames, notices, error } = await readFrames(ffmpegSource({ input: at('joined.ts') }))
    expect(error).toBeUndefined()
    expect(notices.some((text) => text.includes('B-frames'))).toBe(true)
    const kinds = frames.map((frame) => (isChunk(frame) ? 'chunk' : 'image'))
    expect(kinds.join(' ')).toMatch(/^(chunk )+(image ?)+$/)
    for (const gap of gapsOf(frames)) expect(gap).toBeGreaterThan(0)
    const times = (await mediaTimes(frames)).map(Number)
    const second = times.lastIndexOf(0)
    for (const part of [times.slice(0, second), times.slice(second)]) expect(part).toEqual(part.toSorted((a, b) => a - b))
    expect(times.at(-1)).toBe(29 * FRAME_MS)
  })

  it.each(['avc.mp4', 'avc.ts'])('loops %s over the seam without a gap, a repetition or a loss', async (name) => {
    const { frames } = await readFrames(ffmpegSource({ input: at(name), loop: true }), { max: 65 })
    expect(await mediaTimes(frames)).toEqual([...everyFrame(30), ...everyFrame(30), ...everyFrame(5)])
    for (const gap of gapsOf(frames)) expect(gap).toBeCloseTo(FRAME_MS, 1)
    expect(keysOf(frames)).toEqual([0, 10, 20, 30, 40, 50, 60])
  })

  it.each([
    ['avc.mp4', 400, 10],
    ['avc.mp4', 390, 10],
    ['avc.mp4', 410, 20],
    ['avc.ts', 401, 20],
    ['avc.mkv', 800, 20],
    ['mjpeg.avi', 410, 11],
    ['b.mp4', 410, 11],
  ])('begins %s at %d ms with the first picture at or after it that stands alone', async (name, startMs, index) => {
    const { frames, error } = await readFrames(ffmpegSource({ input: at(name), startMs }))
    expect(error).toBeUndefined()
    expect(await mediaTimes(frames)).toEqual(everyFrame(30 - index, index))
  })

  it('begins behind the last key frame with pictures that it decodes, and says so', async () => {
    const { frames, notices } = await readFrames(ffmpegSource({ input: at('avc.mp4'), startMs: 1000 }))
    expect(notices).toEqual([expect.stringContaining('no key frame follows 1000 ms')])
    expect(await mediaTimes(frames)).toEqual(everyFrame(5, 25))
  })

  it('begins a loop in the middle in its first round only', async () => {
    const { frames } = await readFrames(ffmpegSource({ input: at('avc.mp4'), loop: true, startMs: 800 }), { max: 15 })
    expect(await mediaTimes(frames)).toEqual([...everyFrame(10, 20), ...everyFrame(5)])
    for (const gap of gapsOf(frames)) expect(gap).toBeCloseTo(FRAME_MS, 1)
  })

  it('says that a start lies behind the end, for good', async () => {
    const { frames, error } = await readFrames(ffmpegSource({ input: at('avc.mp4'), startMs: 60_000 }))
    expect(frames).toEqual([])
    expect(error).toMatchObject({ code: 'SNAPMINT_SOURCE_UNREADABLE', retryable: false })
    expect((error as Error).message).toContain('at or after `startMs`, 60000')
  })

  it('thins JPEG out without encoding it, and video by encoding it', async () => {
    const counted = await countStarts(at('counted'))
    const thin = (name: string, encode: 'auto' | undefined) =>
      readFrames(ffmpegSource({ input: at(name), frameRate: 5, encode, ffmpegPath: counted.path }))
    const jpeg = await thin('mjpeg.avi', 'auto')
    // A picture may come a quarter of the interval early; the rate is met on average.
    const due = [0, 160, 360, 560, 760, 960, 1160]
    expect(await mediaTimes(jpeg.frames)).toEqual(due)
    expect([counted.starts(), counted.starts(/-c copy/)]).toEqual([1, 1])
    const video = await thin('avc.mp4', 'auto')
    expect(await mediaTimes(video.frames)).toEqual(due)
    expect(video.notices).toEqual([expect.stringContaining('only single pictures can be thinned out')])
    expect((await thin('avc.mp4', undefined)).notices).toEqual([])
  })

  it('keeps the rotation of a telephone beside the picture, and the same way round as FFmpeg turns it', async () => {
    await runFfmpeg(['-i', at('avc.mp4'), '-an', '-c', 'copy', '-metadata:s:v', 'rotate=90', at('turned.mp4')])
    const [copied, encoded] = await Promise.all(
      (['auto', 'jpeg'] as const).map((encode) => readFrames(ffmpegSource({ input: at('turned.mp4'), encode }), { max: 1 })),
    )
    expect(copied?.frames[0]).toMatchObject({ codedWidth: 320, codedHeight: 180, rotation: expect.any(Number) })
    expect(encoded?.frames[0]).toMatchObject({ codedWidth: 180, codedHeight: 320 })
    expect(encoded?.frames[0]).not.toHaveProperty('rotation')
    const still = await decoder.decode(copied?.frames as VideoChunk<ArrayBuffer>[], { signal: new AbortController().signal })
    const turn = { 90: 'transpose=clock', 270: 'transpose=cclock' }[still.rotation as 90 | 270]
    writeFileSync(at('still.jpg'), still.data)
    writeFileSync(at('encoded.jpg'), encoded?.frames[0]?.data ?? '')
    await runFfmpeg(['-i', at('still.jpg'), '-vf', turn, '-f', 'rawvideo', '-pix_fmt', 'gray', at('a.gray')])
    await runFfmpeg(['-i', at('encoded.jpg'), '-f', 'rawvideo', '-pix_fmt', 'gray', at('b.gray')])
    const [a, b] = [readFileSync(at('a.gray')), readFileSync(at('b.gray'))]
    expect(a.length).toBe(b.length)
    expect(a.reduce((sum, value, index) => sum + Math.abs(value - (b[index] ?? 0)), 0) / a.length).toBeLessThan(4)
  })

  it('leaves out what is damaged until the next key frame, and says so', async () => {
    const file = readFileSync(at('avc.ts'))
    const packets = Array.from({ length: file.length / 188 }, (_, index) => file.subarray(index * 188, (index + 1) * 188))
    const pid = (packet: Uint8Array) => (((packet[1] ?? 0) & 31) << 8) | (packet[2] ?? 0)
    const beginsPicture = (packet: Uint8Array | undefined) => ((packet?.[1] ?? 0) & 0x40) !== 0
    const video = packets.filter((packet) => pid(packet) === 0x100)
    const starts = video.flatMap((packet, index) => (beginsPicture(packet) ? [index] : []))
    // The second packet of the second key picture.
    const lost = video[(starts[10] ?? 0) + 1]
    expect(beginsPicture(lost)).toBe(false)
    writeFileSync(at('lossy.ts'), Buffer.concat(packets.filter((packet) => packet !== lost)))
    const { frames, notices, error } = await readFrames(ffmpegSource({ input: at('lossy.ts') }))
    expect(error).toBeUndefined()
    // FFmpeg does not say exactly which picture is damaged: the one before is left out too.
    expect(await mediaTimes(frames)).toEqual([...everyFrame(9), ...everyFrame(10, 20)])
    expect(notices).toEqual([expect.stringContaining('were left out')])
  })

  it('leaves out JPEG files that were cut off, and says so', async () => {
    const file = Buffer.from(readFileSync(at('mjpeg.avi')))
    const { frames: whole } = await readFrames(ffmpegSource({ input: at('mjpeg.avi') }))
    const picture = whole[7]?.data as Uint8Array
    const [place, length] = [file.indexOf(picture), picture.byteLength]
    file.fill(0, place + (length >> 1), place + length)
    writeFileSync(at('cut.avi'), file)
    const { frames, notices, error } = await readFrames(ffmpegSource({ input: at('cut.avi') }))
    expect(error).toBeUndefined()
    expect(await mediaTimes(frames)).toEqual(everyFrame(30).filter((time) => time !== 7 * FRAME_MS))
    expect(notices).toEqual([expect.stringContaining('1 pictures of')])
  })

  it('goes on when the size of the pictures changes', async () => {
    await runFfmpeg([
      ...['-i', at('avc.mp4'), '-an', '-vf', 'scale=160:90', '-c:v', 'libx264', '-bf', '0', '-g', '10', '-threads', '1'],
      ...['-output_ts_offset', '1.2', at('small.ts')],
    ])
    writeFileSync(at('sizes.ts'), Buffer.concat([readFileSync(at('avc.ts')), readFileSync(at('small.ts'))]))
    const { frames, error } = await readFrames(ffmpegSource({ input: at('sizes.ts') }))
    expect(error).toBeUndefined()
    const small = frames.findIndex(({ codedWidth }) => codedWidth === 160)
    expect(small).toBeGreaterThan(20)
    expect(frames[small]).toMatchObject({ type: 'key', codedHeight: 90 })
    expect(frames.at(-1)).toMatchObject({ codedWidth: 160 })
    const run = frames.slice(small, small + 3) as VideoChunk<ArrayBuffer>[]
    const still = await decoder.decode(run, { signal: new AbortController().signal })
    expect(still).toMatchObject({ codedWidth: 160, codedHeight: 90 })
  })
})
