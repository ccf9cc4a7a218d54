import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import jpeg from '@julusian/jpeg-turbo'
import { expect, it } from 'vitest'
import { readDelivered, temporaryFolder } from './fixtures/data-folder.js'
import { describeWithFfmpeg } from './fixtures/describe-with-ffmpeg.js'
import { runQuickstart } from './fixtures/run-quickstart.js'

describeWithFfmpeg('real input', () => {
  it('plays a short video in a loop and delivers its pictures', { timeout: 90_000 }, async () => {
    const directory = await temporaryFolder()
    const video = ['-f', 'lavfi', '-i', 'testsrc2=size=320x240:rate=25:duration=2', '-pix_fmt', 'yuv420p', 'short.mp4']
    execFileSync('ffmpeg', ['-loglevel', 'error', ...video], { cwd: directory })
    const { code, stdout, stderr } = await runQuickstart(directory, ['--input', 'short.mp4', '--for', '13s'])

    expect(stderr).toBe('')
    expect(stdout).toContain('short.mp4, in a loop')
    expect(code).toBe(0)
    const delivered = await readDelivered(join(directory, 'snapmint-data'))
    expect(delivered).toHaveLength(3)
    for (const { picture, offsetMs } of delivered) {
      const { width, height, data } = jpeg.decompressSync(picture, { format: jpeg.FORMAT_RGB })
      expect([width, height]).toEqual([320, 240])
      // A test pattern has every brightness; an empty picture would have one.
      expect(new Set(data).size).toBeGreaterThan(100)
      expect(Math.abs(offsetMs)).toBeLessThan(5_000)
    }
  })
})
