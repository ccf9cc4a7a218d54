import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { splitAnnexB } from '../../src/video/annex-b.js'
import { avcFormat } from '../../src/video/avc-format.js'
import { hevcFormat } from '../../src/video/hevc-format.js'
import { createPictureAssembler, type Picture, reordered } from '../../src/video/picture-assembler.js'
import { decodeChunks, encodeStream, type StreamOptions } from '../fixtures/encoded-stream.js'
import { describeWithFfmpeg } from '../fixtures/ffmpeg-tool.js'
import { temporaryDirectory } from '../fixtures/temporary-directory.js'

const directory = temporaryDirectory()
let streams = 0

const formatOf = ({ codec }: Partial<StreamOptions>) => (codec === 'H265' ? hevcFormat : avcFormat)

const encode = (options: Partial<StreamOptions>) => encodeStream({ path: join(directory, `${++streams}.bin`), ...options })

async function assembleAll(options: Partial<StreamOptions>, edit = (units: Uint8Array[][]) => units) {
  const assembler = createPictureAssembler(formatOf(options))
  return edit(await encode(options)).map((units) => assembler.assemble(units))
}

const toFrames = (pictures: readonly unknown[]) =>
  pictures.map((picture, index) => ({ ...(picture as Picture), captureTime: index }))
const typesOf = (pictures: readonly unknown[]) => pictures.map((picture) => (picture as Picture | undefined)?.type)

describeWithFfmpeg('pictures made of access units', () => {
  it.each([['H264'], ['H265']] as const)('of %s have a key with parameter sets wherever a decoder may begin', async (codec) => {
    const pictures = await assembleAll({ codec, frames: 12, parameters: 'keyint=5:bframes=0' })
    expect(typesOf(pictures)).toEqual(Array.from({ length: 12 }, (_, index) => (index % 5 === 0 ? 'key' : 'delta')))
    for (const start of [0, 5, 10]) {
      const run = toFrames(pictures.slice(start, start + 2))
      expect(await decodeChunks(run)).toEqual({ pictures: 2, complaints: '' })
    }
    expect(pictures[0]).toMatchObject({
      codedWidth: 320,
      codedHeight: 180,
      codec: expect.stringMatching(/^(avc1\.64|hvc1\.1\.6\.)/),
    })
  })

  it('carry no delimiters, but the parameter sets of a key that came without', async () => {
    const parameterSets: Uint8Array[] = []
    const [first = []] = await encode({ frames: 1 })
    parameterSets.push(...first.filter((unit) => /parameters/.test(avcFormat.kindOf(unit))))
    const bare = first.filter((unit) => !/parameters/.test(avcFormat.kindOf(unit)))
    const picture = createPictureAssembler(avcFormat, parameterSets).assemble(bare) as Picture
    const kinds = splitAnnexB(picture.data).map((unit) => avcFormat.kindOf(unit))
    expect(kinds).toEqual(['sequence-parameters', 'picture-parameters', 'message', 'slice'])
    expect(createPictureAssembler(avcFormat).assemble(bare)).toBeUndefined()
  })

  it('are keys at an open group of pictures too, where H.265 allows to begin', async () => {
    const pictures = await assembleAll({ codec: 'H265', frames: 12, parameters: 'keyint=5:bframes=0:open-gop=1' })
    expect(typesOf(pictures)[5]).toBe('key')
    expect(await decodeChunks(toFrames(pictures.slice(5)))).toEqual({ pictures: 7, complaints: '' })
  })

  it('are keys at a recovery point of H.264 that is all intra, and decode from there', async () => {
    const pictures = await assembleAll({ frames: 12 }, (units) =>
      units.map((unit, index) => (index === 5 ? asRecoveryPoint(unit) : unit)),
    )
    expect(typesOf(pictures)[5]).toBe('key')
  })

  it.each([
    ['H264', 'keyint=30:bframes=2:b-adapt=0:b-pyramid=none'],
    ['H264', 'keyint=30:bframes=3:b-adapt=0'],
    ['H265', 'keyint=30:bframes=3:b-adapt=0'],
  ] as const)('of %s with %s are told to come in another order than shown, at once', async (codec, parameters) => {
    const pictures = await assembleAll({ codec, frames: 8, parameters })
    expect(pictures[0]).toMatchObject({ type: 'key', mayReorder: true })
    expect(pictures.findIndex((picture) => picture !== undefined && 'unsuitable' in picture)).toBeLessThan(4)
    expect(pictures).toContainEqual({ unsuitable: reordered })
  })

  it.each([['H264'], ['H265']] as const)('of %s are in order for as long as it counts, round after round', async (codec) => {
    const pictures = await assembleAll({
      codec,
      frames: 300,
      size: '64x64',
      parameters: 'keyint=300:min-keyint=300:scenecut=0:bframes=0',
    })
    expect(typesOf(pictures).filter((type) => type === 'delta')).toHaveLength(299)
  })

  it('follow a change of size with the next key', async () => {
    const small = await encode({ frames: 3 })
    const large = await encode({ frames: 3, size: '640x360' })
    const assembler = createPictureAssembler(avcFormat)
    const sizes = [...small, ...large].map((units) => (assembler.assemble(units) as Picture).codedWidth)
    expect(sizes).toEqual([320, 320, 320, 640, 640, 640])
  })

  it('are not made of a stream that refreshes bit by bit, whether or not it began with a key', async () => {
    const options = { frames: 30, parameters: 'keyint=10:bframes=0:intra-refresh=1' }
    for (const missing of [0, 1]) {
      const pictures = await assembleAll(options, (units) => units.slice(missing))
      const unsuitable = pictures.findIndex((picture) => picture !== undefined && 'unsuitable' in picture)
      expect(pictures[unsuitable]).toMatchObject({ unsuitable: expect.stringContaining('no key frames') })
      expect(pictures.slice(0, unsuitable).every((picture) => picture !== undefined)).toBe(missing === 0)
    }
  })

  it('are not made of fields', async () => {
    const assembler = createPictureAssembler(avcFormat)
    const [units = []] = await encode({ frames: 1, parameters: 'keyint=5:bframes=0:interlaced=1', size: '320x192' })
    expect(assembler.assemble(units)).toMatchObject({ type: 'key' })
    expect(assembler.assemble(units.map(asField))).toMatchObject({ unsuitable: expect.stringContaining('interlaced') })
  })
})

describe('an assembler', () => {
  it('makes nothing of noise', () => {
    for (const format of [avcFormat, hevcFormat]) {
      for (let seed = 1; seed < 400; seed++) {
        const noise = Uint8Array.from({ length: 40 }, (_, index) => Math.imul(seed * 2654435761 + index, 1597334677) >>> 24)
        expect(createPictureAssembler(format).assemble([noise])).toBeUndefined()
      }
      expect(createPictureAssembler(format).assemble([])).toBeUndefined()
    }
  })
})

/** Makes an IDR picture one that is none, with a recovery point before it. Only its headers are looked at. */
function asRecoveryPoint(units: readonly Uint8Array[]): Uint8Array[] {
  return units.flatMap((unit) => {
    if (((unit[0] ?? 0) & 31) !== 5) return [unit]
    const slice = Uint8Array.from(unit)
    slice[0] = 0x61
    return [Uint8Array.of(6, 6, 1, 0xc4, 0x80), slice]
  })
}

/** Sets field_pic_flag in the header of a slice of x264. */
function asField(unit: Uint8Array): Uint8Array {
  if (avcFormat.kindOf(unit) !== 'slice') return unit
  const slice = Uint8Array.from(unit)
  // first_mb 0 (1 bit), slice type 7 (7 bits), pps 0 (1 bit), frame_num (4 bits), then the flag.
  slice[2] = (slice[2] as number) | 0x04
  return slice
}
