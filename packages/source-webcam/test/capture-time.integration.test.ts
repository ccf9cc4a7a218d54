import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { webcamSource } from '../src/index.js'
import { readFrames } from './fixtures/read-frames.js'
import { writeStubTool } from './fixtures/stub-tool.js'
import { temporaryDirectory } from './fixtures/temporary-directory.js'

const directory = temporaryDirectory()

/** The stub takes its "picture" at a moment of its own, and writes that moment into it as a comment. */
const shutter = (delayMs: number) => `
  sleep(${delayMs})
  const comment = Buffer.from(String(Date.now()))
  const picture = Buffer.concat([jpeg.subarray(0, 2), Buffer.from([0xff, 0xfe, 0, comment.length + 2]), comment, jpeg.subarray(2)])
`
const momentOf = (data: Uint8Array) => Number(Buffer.from(data.subarray(6, 6 + 13)).toString())

describe('captureTime', () => {
  it.each([
    [
      'fswebcam',
      'a tool that tells what it does',
      "say('--- Opening TEST...'); sleep(120); say('\\x1b[1m--- Capturing frame...')",
      "say('Captured frame in 0.00 seconds.'); sleep(80)",
      110,
    ],
    ['fswebcam', 'a tool that says nothing', 'sleep(120)', 'sleep(80)', 250],
    ['imagesnap', 'a tool that writes a file', 'sleep(1000)', 'sleep(80)', 110],
  ] as const)(
    'of %s, %s, lies before the shutter, which lies within the exposure that is told',
    async (tool, title, before, after, leastMs) => {
      const output = tool === 'fswebcam' ? 'process.stdout.write(picture)' : 'fs.writeFileSync(file, picture)'
      const toolPath = await writeStubTool(join(directory, title), `${before}\n${shutter(40)}\n${after}\n${output}`)
      const source = webcamSource({
        tool,
        ...(tool === 'fswebcam' && { device: 'TEST' }),
        toolPath,
        intervalMs: 100,
        reportEachExposure: true,
      })
      const { frames, notices, error } = await readFrames(source, 4)
      expect(error).toBeUndefined()
      const told = notices.flatMap(({ details }) => (details?.exposureMs === undefined ? [] : [details]))
      expect(told.map(({ captureTime }) => captureTime)).toEqual(frames.map(({ captureTime }) => captureTime))
      frames.forEach((frame, index) => {
        const moment = momentOf(frame.data)
        expect(moment).toBeGreaterThanOrEqual(frame.captureTime)
        expect(moment).toBeLessThanOrEqual(frame.captureTime + Number(told[index]?.exposureMs))
        // The camera warms up before captureTime.
        const warmedMs = Math.round(Number(told[index]?.shotMs) - Number(told[index]?.exposureMs))
        expect(warmedMs).toBeGreaterThanOrEqual(tool === 'imagesnap' ? 1000 : 0)
        // The sleeps of the stub between the two bounds: an exposure told shorter than that were no bound.
        expect(Number(told[index]?.shotMs)).toBeGreaterThanOrEqual(leastMs)
      })
    },
  )

  it('is told less closely only when it has become so: one notice in many shots', async () => {
    const toolPath = await writeStubTool(join(directory, 'steady'), 'sleep(30); process.stdout.write(jpeg)')
    const source = webcamSource({ tool: 'fswebcam', device: 'TEST', toolPath, intervalMs: 100 })
    const { frames, notices } = await readFrames(source, 12)
    const told = notices.flatMap(({ details }) => (details?.exposureMs === undefined ? [] : Number(details.exposureMs)))
    expect(frames).toHaveLength(12)
    // Each is more than one and a half times the one before.
    expect(told.every((exposureMs, index) => index === 0 || exposureMs > 1.5 * (told[index - 1] as number))).toBe(true)
    expect(told.length).toBeGreaterThan(0)
  })

  it('rises from shot to shot, a slot apart at the least', async () => {
    const source = webcamSource({ tool: 'fswebcam', device: 'TEST', width: 64, height: 48, intervalMs: 150 })
    const { frames } = await readFrames(source, 6)
    const times = frames.map(({ captureTime }) => captureTime)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    expect(new Set(times).size).toBe(6)
  })

  it('tells that slots are left out, once, when shots take longer than the interval', async () => {
    const toolPath = await writeStubTool(join(directory, 'slow'), 'sleep(250); process.stdout.write(jpeg)')
    const source = webcamSource({ tool: 'fswebcam', device: 'TEST', toolPath, intervalMs: 100 })
    const { notices } = await readFrames(source, 4)
    expect(notices.filter(({ message }) => message.includes('slots are left out'))).toHaveLength(1)
  })
})
