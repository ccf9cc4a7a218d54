import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseFfmpegVersion, probeFfmpeg } from '../../src/ffmpeg/ffmpeg-version.js'
import { writeFakeFfmpeg } from '../fixtures/fake-ffmpeg.js'
import { temporaryDirectory } from '../fixtures/temporary-directory.js'

const answer = (name: string, libavutil: string) =>
  `ffmpeg version ${name} Copyright (c) 2000-2026 the FFmpeg developers\nlibavutil      ${libavutil} / ${libavutil}\nlibavcodec     59. 37.100 / 59. 37.100\n`

describe('parseFfmpegVersion', () => {
  it.each([
    ['5.1.9-0+deb12u1', '57. 28.100', true],
    ['5.0.1', '57. 17.100', false],
    ['n7.1', '59. 39.100', true],
    ['N-109542-g1bf1c1d', '57. 43.100', true],
    ['2026-01-02-git-abcdef-full_build', '60.  8.100', true],
  ])('reads version %s', (name, libavutil, hasFrameRateMode) => {
    expect(parseFfmpegVersion(answer(name, libavutil))).toEqual({ name, hasFrameRateMode })
  })

  it('refuses FFmpeg 4', () => {
    expect(parseFfmpegVersion(answer('4.4.2', '56. 70.100'))).toBe('is FFmpeg 4.4.2, which is too old')
  })

  it.each(['', 'GNU bash, version 5.2', 'ffmpeg version 6'])('refuses %j', (output) => {
    expect(parseFfmpegVersion(output)).toBe('does not answer `-version` as FFmpeg does')
  })
})

describe('probeFfmpeg', () => {
  const directory = temporaryDirectory()
  const signal = new AbortController().signal

  it('asks again another time when the machine is too busy for an answer', async () => {
    // It starts slower than this on any machine.
    const path = await writeFakeFfmpeg(join(directory, 'slow-ffmpeg'), {})
    await expect(probeFfmpeg(path, signal, 1)).rejects.toMatchObject({ code: 'SNAPMINT_SOURCE_UNAVAILABLE', retryable: true })
    await expect(probeFfmpeg(path, signal)).resolves.toMatchObject({ name: '7.1' })
  })

  it('gives up when there is no such program', async () => {
    const path = join(directory, 'no-ffmpeg')
    await expect(probeFfmpeg(path, signal)).rejects.toMatchObject({ code: 'SNAPMINT_MISSING_DEPENDENCY', retryable: false })
  })
})
