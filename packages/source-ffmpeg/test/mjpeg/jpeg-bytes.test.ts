import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createJpegScanner, readJpegHead, toJpegPicture } from '../../src/mjpeg/jpeg-bytes.js'
import { describeWithFfmpeg, runFfmpeg } from '../fixtures/ffmpeg-tool.js'
import { temporaryDirectory } from '../fixtures/temporary-directory.js'
import { tinyJpeg } from '../fixtures/tiny-jpeg.js'

/** Without its Huffman tables, as cameras that were made for AVI files send it. */
function withoutTables(jpeg: Buffer): Buffer<ArrayBuffer> {
  const parts: Buffer[] = [jpeg.subarray(0, 2)]
  for (let at = 2; ; ) {
    if (jpeg[at + 1] === 0xda) return Buffer.concat([...parts, jpeg.subarray(at)])
    const end = at + 2 + jpeg.readUInt16BE(at + 2)
    if (jpeg[at + 1] !== 0xc4) parts.push(jpeg.subarray(at, end))
    at = end
  }
}

describe('readJpegHead', () => {
  it('tells the size and where the first scan is', () => {
    const jpeg = tinyJpeg({ width: 1920, height: 1080 })
    const head = readJpegHead(jpeg)
    expect(head).toMatchObject({ codedWidth: 1920, codedHeight: 1080, lacksTables: false })
    expect(jpeg.readUInt16BE(head!.scanOffset)).toBe(0xffda)
  })

  it('steps over fill bytes, and over a picture in the metadata', () => {
    const jpeg = tinyJpeg({ width: 640, thumbnail: tinyJpeg({ width: 32 }) })
    const filled = Buffer.concat([jpeg.subarray(0, 2), Buffer.from([0xff, 0xff, 0xff]), jpeg.subarray(2)])
    expect(readJpegHead(filled)).toMatchObject({ codedWidth: 640 })
  })

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['another file', Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')],
    ['a mere beginning', tinyJpeg().subarray(0, 20)],
    ['a picture without a size', tinyJpeg({ width: 0 })],
    ['a segment of no length', Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 0, 0xff, 0xda, 0, 2])],
  ])('makes nothing of %s', (_name, data) => {
    expect(readJpegHead(data)).toBeUndefined()
  })

  it('leaves the height open where the file tells it later', () => {
    expect(readJpegHead(tinyJpeg({ height: 0 }))).toMatchObject({ codedWidth: 64, codedHeight: undefined })
  })
})

describe('toJpegPicture', () => {
  it('hands a whole picture on as it is, without a copy', () => {
    const jpeg = tinyJpeg()
    expect(toJpegPicture(jpeg)?.data.buffer).toBe(jpeg.buffer)
    expect(toJpegPicture(jpeg)?.data).toHaveLength(jpeg.length)
  })

  it('cuts off what follows the end', () => {
    const jpeg = tinyJpeg()
    expect(Buffer.from(toJpegPicture(Buffer.concat([jpeg, Buffer.alloc(40, 0xff)]))!.data).equals(jpeg)).toBe(true)
  })

  it('refuses a picture that was cut off anywhere', () => {
    const jpeg = tinyJpeg({ thumbnail: tinyJpeg(), scanBytes: 60 })
    for (let length = 0; length < jpeg.length; length++) expect(toJpegPicture(jpeg.subarray(0, length))).toBeUndefined()
  })

  it('refuses the beginning of one picture with the rest of another', () => {
    const jpeg = tinyJpeg()
    for (const length of [30, 100, 250]) {
      const mixed = Buffer.concat([jpeg.subarray(0, length), jpeg, Buffer.alloc(3)])
      expect(toJpegPicture(mixed)).toBeUndefined()
    }
  })
})

describe('createJpegScanner', () => {
  it('finds the end whatever the pieces that the file comes in', () => {
    const jpeg = tinyJpeg({ thumbnail: tinyJpeg() })
    const followed = Buffer.concat([jpeg, jpeg])
    for (const size of [1, 2, 3, 50, followed.length]) {
      const scanner = createJpegScanner()
      let end: number | 'more' | 'broken' = 'more'
      for (let length = size; end === 'more'; length += size) end = scanner.scan(followed.subarray(0, length))
      expect(end).toBe(jpeg.length)
    }
  })
})

describeWithFfmpeg('pictures of real encoders', () => {
  const directory = temporaryDirectory()
  const at = (name: string) => join(directory, name)
  const picture = ['-f', 'lavfi', '-i', 'testsrc2=size=320x180', '-frames:v', '1']

  it('decode to the same pixels when their tables were missing and were put in', async () => {
    await runFfmpeg([...picture, '-huffman', 'default', at('whole.jpg')])
    const whole = await readFile(at('whole.jpg'))
    const bare = withoutTables(whole)
    expect(bare.length).toBe(whole.length - 420)
    await writeFile(at('mended.jpg'), toJpegPicture(bare)!.data)
    // The tables are those of the standard: nothing else decodes the scan.
    for (const name of ['whole', 'mended'])
      await runFfmpeg(['-c:v', 'mjpeg', '-i', at(`${name}.jpg`), '-f', 'rawvideo', at(`${name}.raw`)])
    const raw = await readFile(at('mended.raw'))
    expect(raw.length).toBeGreaterThan(320 * 180)
    expect(raw.equals(await readFile(at('whole.raw')))).toBe(true)
  })

  it('end where their structure says', async () => {
    await runFfmpeg([...picture, '-q:v', '1', at('large.jpg')])
    const jpeg = await readFile(at('large.jpg'))
    expect(createJpegScanner().scan(Buffer.concat([jpeg, Buffer.from('\r\n--frame')]))).toBe(jpeg.length)
    expect(toJpegPicture(Buffer.from(jpeg))).toMatchObject({ codedWidth: 320, codedHeight: 180 })
  })
})
