import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { splitAnnexB } from '../../src/video/annex-b.js'
import { parseAvcParameters } from '../../src/video/avc-parameters.js'
import { avcCodecString, hevcCodecString } from '../../src/video/codec-string.js'
import { parseHevcParameters } from '../../src/video/hevc-parameters.js'
import { avcPictureSize, hevcPictureSize } from '../../src/video/picture-size.js'
import { describeWithFfmpeg, runFfmpeg } from '../fixtures/ffmpeg-tool.js'
import { temporaryDirectory } from '../fixtures/temporary-directory.js'

const directory = temporaryDirectory()

async function encode(name: string, picture: string, options: readonly string[]): Promise<Uint8Array[]> {
  const path = join(directory, name)
  await runFfmpeg(['-f', 'lavfi', '-i', `testsrc=${picture}`, '-frames:v', '3', '-threads', '1', ...options, path])
  return splitAnnexB(await readFile(path))
}

const avcParameters = (units: readonly Uint8Array[]) => units.find((unit) => ((unit[0] ?? 0) & 31) === 7) as Uint8Array
const hevcParameters = (units: readonly Uint8Array[]) => units.find((unit) => (((unit[0] ?? 0) >> 1) & 63) === 33) as Uint8Array

describeWithFfmpeg('the parameter sets of streams that FFmpeg encodes', () => {
  it.each([
    ['baseline', 'size=320x180', ['-profile:v', 'baseline', '-pix_fmt', 'yuv420p'], /^avc1\.42c0/, 320, 180, 0],
    ['main', 'size=1920x1080', ['-profile:v', 'main', '-bf', '2', '-pix_fmt', 'yuv420p'], /^avc1\.4d40/, 1920, 1080, 2],
    [
      'high',
      'size=1920x1080',
      ['-profile:v', 'high', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p'],
      /^avc1\.6400/,
      1920,
      1080,
      0,
    ],
    ['odd', 'size=322x182', ['-pix_fmt', 'yuv422p'], /^avc1\.7a00/, 322, 182, 2],
    ['444', 'size=323x181', ['-pix_fmt', 'yuv444p', '-bf', '0'], /^avc1\.f400/, 323, 181, 0],
    [
      'interlaced',
      'size=320x184',
      ['-flags', '+ildct', '-x264-params', 'interlaced=1:bframes=0', '-pix_fmt', 'yuv420p'],
      /^avc1\./,
      320,
      184,
      0,
    ],
    [
      'matrices',
      'size=320x180',
      ['-x264-params', 'cqm=jvt:nal-hrd=cbr:vbv-maxrate=500:vbv-bufsize=500:bitrate=500:bframes=0', '-pix_fmt', 'yuv420p'],
      /^avc1\.64/,
      320,
      180,
      0,
    ],
  ] as const)('are read: H.264 %s', async (name, picture, options, codec, codedWidth, codedHeight, maxReorder) => {
    const sps = avcParameters(await encode(`${name}.h264`, picture, ['-c:v', 'libx264', ...options]))
    expect(avcCodecString(sps)).toMatch(codec)
    expect(avcPictureSize(sps)).toEqual({ codedWidth, codedHeight })
    expect(parseAvcParameters(sps)).toMatchObject({ maxReorder })
  })

  it.each([
    ['main', 'size=320x180', ['-x265-params', 'log-level=none', '-pix_fmt', 'yuv420p'], /^hvc1\.1\.6\.L\d+\.90$/, 320, 180, 2],
    [
      'ordered',
      'size=1920x1080',
      ['-x265-params', 'log-level=none:bframes=0', '-pix_fmt', 'yuv420p'],
      /^hvc1\.1\.6\.L\d+\.90$/,
      1920,
      1080,
      0,
    ],
    [
      'ten',
      'size=322x182',
      ['-x265-params', 'log-level=none:temporal-layers=3', '-pix_fmt', 'yuv420p10le'],
      /^hvc1\.2\.4\.L\d+\.90$/,
      322,
      182,
      2,
    ],
    [
      '444',
      'size=321x181',
      ['-x265-params', 'log-level=none:bframes=0', '-pix_fmt', 'yuv444p'],
      /^hvc1\.4\.10\.L\d+\.9E\.8$/,
      321,
      181,
      0,
    ],
  ] as const)('are read: H.265 %s', async (name, picture, options, codec, codedWidth, codedHeight, maxReorder) => {
    const sps = hevcParameters(await encode(`${name}.h265`, picture, ['-c:v', 'libx265', '-preset', 'ultrafast', ...options]))
    expect(hevcCodecString(sps)).toMatch(codec)
    expect(hevcPictureSize(sps)).toEqual({ codedWidth, codedHeight })
    expect(parseHevcParameters(sps)).toMatchObject({ maxReorder })
  })
})

describe('damaged parameter sets', () => {
  it('are told from whole ones by being undefined, wherever they are cut', () => {
    const sps = Buffer.from('6742c01fd900a00b742000000300200000078084', 'hex')
    for (let length = 0; length < 8; length++) {
      expect(avcCodecString(sps.subarray(0, length))).toBeUndefined()
      expect(hevcCodecString(sps.subarray(0, length))).toBeUndefined()
    }
    expect(avcPictureSize(new Uint8Array(64))).toBeUndefined()
    expect(hevcPictureSize(new Uint8Array(64))).toBeUndefined()
  })
})

describe('an Annex B stream', () => {
  it('is split at start codes of three and four bytes, without what is before the first and without zeros at the end', () => {
    const data = Uint8Array.from([9, 9, 0, 0, 0, 1, 0x67, 1, 0, 0, 1, 0x68, 2, 0, 0, 0, 0, 1, 0x65, 3, 0, 0])
    expect(splitAnnexB(data)).toEqual([Uint8Array.of(0x67, 1), Uint8Array.of(0x68, 2), Uint8Array.of(0x65, 3)])
  })

  it('has no units where there is no start code, and none that are empty', () => {
    expect(splitAnnexB(new Uint8Array(5))).toEqual([])
    expect(splitAnnexB(Uint8Array.of(0, 0, 1, 0, 0, 1))).toEqual([])
  })
})
