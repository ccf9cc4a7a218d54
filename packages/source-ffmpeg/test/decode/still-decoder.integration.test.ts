import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ImageFrame, VideoChunk } from '@snapmint/core/adapter'
import { readTimeCodeFromJpeg } from '@snapmint/source-sketch'
import { beforeAll, describe, expect, it } from 'vitest'
import { createStillDecoder } from '../../src/decode/still-decoder.js'
import { ffmpegSource } from '../../src/index.js'
import { countStarts } from '../fixtures/count-starts.js'
import { writeFakeFfmpeg } from '../fixtures/fake-ffmpeg.js'
import { describeWithFfmpeg, runFfmpeg } from '../fixtures/ffmpeg-tool.js'
import { makeVideo } from '../fixtures/make-video.js'
import { countProcesses, until } from '../fixtures/processes.js'
import { readChunks } from '../fixtures/read-chunks.js'
import { readFrames } from '../fixtures/read-frames.js'
import { temporaryDirectory } from '../fixtures/temporary-directory.js'

type Chunk = VideoChunk<ArrayBuffer>

const directory = temporaryDirectory()
const at = (name: string) => join(directory, name)
const context = () => ({ signal: new AbortController().signal })
const codeOf = ({ data }: ImageFrame) => readTimeCodeFromJpeg(data)
const FRAME_MS = 40

/** The run that ends with the chunk at `index`. */
function runTo(chunks: readonly Chunk[], index: number): Chunk[] {
  const key = chunks.findLastIndex(({ type }, place) => place <= index && type === 'key')
  return chunks.slice(key, index + 1).map((chunk) => ({ ...chunk, data: chunk.data.slice() }))
}

/** The run with another chunk at `index`. */
const replaced = (run: readonly Chunk[], index: number, change: (data: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>) =>
  run.map((chunk, place) => (place === index ? { ...chunk, data: change(chunk.data.slice()) } : chunk))

describeWithFfmpeg('createStillDecoder', () => {
  const videos: Record<'avc' | 'hevc', Chunk[]> = { avc: [], hevc: [] }
  beforeAll(async () => {
    const common = { frames: 30, frameRate: 1000 / FRAME_MS }
    const avc = await makeVideo({ ...common, path: at('avc.mp4'), outputOptions: ['-bf', '0'] })
    const x265 = ['-c:v', 'libx265', '-x265-params', 'bframes=0:keyint=10:log-level=error']
    const hevc = await makeVideo({ ...common, path: at('hevc.mp4'), outputOptions: x265 })
    videos.avc = await readChunks(avc, 30)
    videos.hevc = await readChunks(hevc, 30)
  }, 60_000)

  it.each(['avc', 'hevc'] as const)('decodes exactly the last chunk of a run of %s, wherever in its run it is', async (codec) => {
    const decoder = createStillDecoder()
    for (const index of [0, 1, 9, 10, 11, 19, 25, 29]) {
      const still = await decoder.decode(runTo(videos[codec], index), context())
      expect(codeOf(still)).toBe(index * FRAME_MS)
      expect(still).toMatchObject({
        mimeType: 'image/jpeg',
        captureTime: videos[codec][index]?.captureTime,
        codedWidth: 320,
        codedHeight: 180,
      })
    }
  })

  it('answers a burst with one process for each run, at most two at once', async () => {
    const counted = await countStarts(at('counted'))
    const decoder = createStillDecoder({ ffmpegPath: counted.path })
    const indices = Array.from({ length: 120 }, (_, n) => n % 30)
    const stills = await Promise.all(indices.map((index) => decoder.decode(runTo(videos.avc, index), context())))
    expect(stills.map(codeOf)).toEqual(indices.map((index) => index * FRAME_MS))
    expect(new Set(stills.map(({ data }) => data.buffer)).size).toBe(stills.length)
    expect(counted.starts()).toBe(3)
  })

  it('keeps runs apart that have the same time', async () => {
    const decoder = createStillDecoder()
    const other = runTo(videos.hevc, 5).map((chunk, index) => ({ ...chunk, captureTime: videos.avc[index]?.captureTime ?? 0 }))
    const stills = await Promise.all([runTo(videos.avc, 7), other].map((run) => decoder.decode(run, context())))
    expect(stills.map(codeOf)).toEqual([7 * FRAME_MS, 5 * FRAME_MS])
  })

  it('keeps the colours of high-definition video (BT.709, limited range)', async () => {
    const bt709 = ['-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709', '-color_range', 'tv']
    const bars = ['-f', 'lavfi', '-i', 'smptebars=size=1280x720:rate=5', '-frames:v', '2']
    const encode = ['-vf', 'scale=out_color_matrix=bt709:out_range=tv,format=yuv420p', '-c:v', 'libx264', '-bf', '0']
    await runFfmpeg([...bars, ...encode, ...bt709, at('bars.mp4')])
    const still = await createStillDecoder().decode(await readChunks(at('bars.mp4'), 2), context())
    writeFileSync(at('bars.jpg'), still.data)
    const encoded = await readFrames(ffmpegSource({ input: at('bars.mp4'), encode: 'jpeg' }), { max: 1 })
    writeFileSync(at('bars-encoded.jpg'), encoded.frames[0]?.data ?? '')
    for (const name of ['bars', 'bars-encoded']) {
      // What every JPEG reader does: BT.601, full range.
      const filter = 'scale=in_color_matrix=bt601:in_range=full,format=rgb24,crop=1:1:300:200'
      await runFfmpeg(['-i', at(`${name}.jpg`), '-vf', filter, '-f', 'rawvideo', at(`${name}.rgb`)])
      // The second bar is yellow, of three quarters of the brightness.
      const [red = 0, green = 0, blue = 255] = readFileSync(at(`${name}.rgb`))
      expect(Math.max(Math.abs(red - 191), Math.abs(green - 191), blue)).toBeLessThan(8)
    }
  })

  it('keeps the rotation', async () => {
    const run = runTo(videos.avc, 3).map((chunk) => ({ ...chunk, rotation: 90 as const }))
    expect(await createStillDecoder().decode(run, context())).toMatchObject({ rotation: 90, codedWidth: 320, codedHeight: 180 })
  })

  it.each([
    ['cut in half', (data: Uint8Array<ArrayBuffer>) => data.slice(0, data.length >> 1)],
    ['without its end', (data: Uint8Array<ArrayBuffer>) => data.slice(0, -40)],
    ['overwritten in the middle', (data: Uint8Array<ArrayBuffer>) => data.fill(0x5a, data.length >> 1, (data.length >> 1) + 60)],
    ['replaced by nonsense', (data: Uint8Array<ArrayBuffer>) => data.fill(0x55)],
  ])('answers the last sound chunk before one that is %s, with its time', async (_name, change) => {
    const run = replaced(runTo(videos.avc, 29), 6, change)
    const decoder = createStillDecoder()
    const stills = await Promise.all([4, 5, 6, 8, 9].map((last) => decoder.decode(run.slice(0, last + 1), context())))
    const expected = [24, 25, 25, 25, 25]
    expect(stills.map(codeOf)).toEqual(expected.map((index) => index * FRAME_MS))
    expect(stills.map(({ captureTime }) => captureTime)).toEqual(expected.map((index) => videos.avc[index]?.captureTime))
  })

  it.each(['avc', 'hevc'] as const)('rejects a run of %s whose key chunk is damaged', async (codec) => {
    const run = replaced(runTo(videos[codec], 5), 0, (data) => data.fill(0x55))
    await expect(createStillDecoder().decode(run, context())).rejects.toMatchObject({
      code: 'SNAPMINT_DECODE_FAILED',
      adapter: 'ffmpeg',
    })
  })

  it('does not show a picture of H.265 that refers to one that is missing', async () => {
    const run = runTo(videos.hevc, 9)
    const still = await createStillDecoder().decode([...run.slice(0, 4), ...run.slice(5)], context())
    expect(codeOf(still)).toBe(3 * FRAME_MS)
    expect(still.captureTime).toBe(run[3]?.captureTime)
  })

  it('rejects codecs that it does not know, and runs of nothing', async () => {
    const decoder = createStillDecoder()
    const run = runTo(videos.avc, 1).map((chunk) => ({ ...chunk, codec: 'vp8' }))
    await expect(decoder.decode(run, context())).rejects.toMatchObject({ code: 'SNAPMINT_DECODE_FAILED' })
    await expect(decoder.decode([], context())).rejects.toMatchObject({ code: 'SNAPMINT_DECODE_FAILED' })
  })

  describe('with an FFmpeg that misbehaves', () => {
    it('says how to install it when it is missing', async () => {
      const decoder = createStillDecoder({ ffmpegPath: at('nowhere') })
      await expect(decoder.decode(runTo(videos.avc, 0), context())).rejects.toMatchObject({
        code: 'SNAPMINT_MISSING_DEPENDENCY',
        retryable: false,
      })
    })

    it('kills one that hangs, and goes on with the next request', async () => {
      const ffmpegPath = await writeFakeFfmpeg(at('hangs'), {
        body: `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)`,
      })
      const decoder = createStillDecoder({ ffmpegPath, timeoutMs: 300, concurrency: 1 })
      const both = [runTo(videos.avc, 3), runTo(videos.avc, 15)].map((run) => decoder.decode(run, context()))
      for (const result of await Promise.allSettled(both)) {
        expect(result).toMatchObject({ status: 'rejected', reason: { code: 'SNAPMINT_DECODE_FAILED' } })
        expect(String((result as PromiseRejectedResult).reason)).toContain('did not end within 300 ms')
      }
      expect(countProcesses(ffmpegPath)).toBe(0)
    })

    it('ends the process when nobody waits for it any more, and not before', async () => {
      const ffmpegPath = await writeFakeFfmpeg(at('waits'), { body: 'setInterval(() => {}, 1000)' })
      const decoder = createStillDecoder({ ffmpegPath })
      const aborts = [new AbortController(), new AbortController()]
      const decoding = aborts.map(({ signal }, index) => decoder.decode(runTo(videos.avc, index), { signal }))
      const settled = Promise.allSettled(decoding)
      await until(() => countProcesses(ffmpegPath) === 1, 'it ran')
      aborts[0]?.abort(new Error('first'))
      await expect(decoding[0]).rejects.toThrow('first')
      expect(countProcesses(ffmpegPath)).toBe(1)
      aborts[1]?.abort(new Error('second'))
      await expect(decoding[1]).rejects.toThrow('second')
      await settled
      await until(() => countProcesses(ffmpegPath) === 0, 'it was gone')
    })

    it('forgets a request that is aborted before its turn', async () => {
      const counted = await countStarts(at('unneeded'))
      const decoder = createStillDecoder({ ffmpegPath: counted.path })
      const abort = new AbortController()
      const decoding = decoder.decode(runTo(videos.avc, 0), { signal: abort.signal })
      abort.abort(new Error('never mind'))
      await expect(decoding).rejects.toThrow('never mind')
      await expect(decoder.decode(runTo(videos.avc, 0), { signal: abort.signal })).rejects.toThrow('never mind')
      await decoder.decode(runTo(videos.avc, 10), context())
      expect(counted.starts()).toBe(1)
    })

    it.each([
      ['reads nothing', 'process.exitCode = 0', 'pictures came out'],
      ['ends with an error', `console.error('[error] out of memory'); process.exitCode = 1`, 'exit code 1: out of memory'],
      ['is killed', `process.kill(process.pid, 'SIGKILL')`, 'killed by SIGKILL'],
      ['writes nonsense', `require('fs').writeSync(3, 'hello\\n')`, 'index of pictures'],
    ])('rejects when it %s', async (name, body, words) => {
      const ffmpegPath = await writeFakeFfmpeg(at(`fake-${name.length}`), { body })
      const big = runTo(videos.avc, 9).map((chunk) => ({ ...chunk, data: new Uint8Array(300_000) }))
      const decoding = createStillDecoder({ ffmpegPath }).decode(big, context())
      await expect(decoding).rejects.toMatchObject({ code: 'SNAPMINT_DECODE_FAILED' })
      await expect(decoding).rejects.toThrow(words)
    })
  })
})

describe('the options of createStillDecoder', () => {
  it.each([[{ concurrency: 0 }], [{ quality: 101 }], [{ ffmpegPath: '' }], [{ timeoutMs: -1 }], [{ other: 1 }]])(
    'refuses %j',
    (options) => {
      expect(() => createStillDecoder(options as never)).toThrow()
    },
  )
})
