import { describe, expect, it } from 'vitest'
import { createMultipartParser, type Refusal } from '../../src/mjpeg/multipart-parser.js'
import { announcedBoundary } from '../../src/mjpeg/part-head.js'
import { tinyJpeg } from '../fixtures/tiny-jpeg.js'

const a = tinyJpeg({ fill: 0x11, width: 320, height: 240 })
const b = tinyJpeg({ fill: 0x22, scanBytes: 5000 })
const c = tinyJpeg({ fill: 0x33, scanBytes: 70_000 })
const stream = (...parts: (string | Uint8Array)[]) =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)))

interface Parsed {
  readonly pictures: readonly Buffer[]
  readonly heads: readonly ReadonlyMap<string, string>[]
  readonly refused: readonly Refusal[]
  readonly lost: number
}

/** Feeds the bytes in chunks of memory that is used again, as a socket's is. */
function parse(
  bytes: Buffer,
  { boundary = 'frame', size = bytes.length }: { boundary?: string | undefined; size?: number } = {},
): Parsed {
  const pictures: Buffer[] = []
  const heads: ReadonlyMap<string, string>[] = []
  const refused: Refusal[] = []
  const parser = createMultipartParser({
    boundary: boundary === '' ? undefined : boundary,
    onPicture(picture, head) {
      pictures.push(Buffer.from(picture.data))
      heads.push(head.fields())
    },
    onRefused: (reason) => refused.push(reason),
  })
  const buffer = Buffer.alloc(size)
  for (let at = 0; at < bytes.length; at += size) {
    const length = bytes.copy(buffer, 0, at)
    parser.push(buffer.subarray(0, length))
    buffer.fill(0xaa)
  }
  return { pictures, heads, refused, lost: parser.lostBytes() }
}

const sized = (jpeg: Uint8Array, fields = '') => `Content-Type: image/jpeg\r\n${fields}Content-Length: ${jpeg.length}\r\n\r\n`
const unsized = 'Content-Type: image/jpeg\r\n\r\n'

describe('the pictures of a multipart stream', () => {
  const cameras: Record<string, { bytes: Buffer; boundary?: string }> = {
    'with sizes': {
      bytes: stream(
        '--frame\r\n',
        sized(a),
        a,
        '\r\n--frame\r\n',
        sized(b),
        b,
        '\r\n--frame\r\n',
        sized(c),
        c,
        '\r\n--frame--\r\n',
      ),
    },
    'without sizes': {
      bytes: stream('--frame\r\n', unsized, a, '\r\n--frame\r\n', unsized, b, '\r\n--frame\r\n', unsized, c, '\r\n'),
    },
    'with mere line feeds': {
      bytes: stream(
        '--frame\n',
        sized(a).replaceAll('\r', ''),
        a,
        '\n--frame\n',
        unsized.replaceAll('\r', ''),
        b,
        '\n--frame\n',
        sized(c),
        c,
        '\n',
      ),
    },
    'with the boundary behind each picture, and none in front of the first': {
      bytes: stream(sized(a), a, '\r\n--frame\r\n', sized(b), b, '\r\n--frame\r\n', sized(c), c, '\r\n--frame\r\n'),
    },
    'with blank lines in front': {
      bytes: stream('\r\n\r\n--frame\r\n', sized(a), a, '\r\n\r\n--frame\r\n', sized(b), b, '\r\n\r\n--frame\r\n', sized(c), c),
    },
    'with no line break between picture and boundary': {
      bytes: stream('--frame\r\n', sized(a), a, '--frame\r\n', unsized, b, '--frame\r\n', sized(c), c),
    },
    'whose boundary has no hyphens': {
      bytes: stream('frame\r\n', sized(a), a, '\r\nframe\r\n', unsized, b, '\r\nframe\r\n', sized(c), c),
    },
    'whose boundary has one hyphen': {
      bytes: stream('-frame\r\n', sized(a), a, '\r\n-frame\r\n', sized(b), b, '\r\n-frame\r\n', sized(c), c),
    },
    'that use another boundary than announced': {
      bytes: stream('--other\r\n', sized(a), a, '\r\n--other\r\n', unsized, b, '\r\n--other\r\n', sized(c), c),
    },
    'that announce no boundary': {
      bytes: stream('--x\r\n', sized(a), a, '\r\n--x\r\n', unsized, b, '\r\n--x\r\n', sized(c), c),
      boundary: '',
    },
    'with no blank line behind the head': {
      bytes: stream(
        '--frame\r\nContent-Type: image/jpeg\r\n',
        a,
        '\r\n--frame\r\nContent-Type: image/jpeg\r\n',
        b,
        '\r\n--frame\r\n',
        c,
        '\r\n',
      ),
    },
    'with parts of text between the pictures': {
      bytes: stream(
        '--frame\r\nContent-Type: text/xml\r\nContent-Length: 6\r\n\r\n<a/>\r\n',
        '--frame\r\n',
        sized(a),
        a,
        '\r\n--frame\r\n',
        sized(b),
        b,
        '\r\n--frame\r\nContent-Type: text/plain\r\n\r\nbusy\r\n--frame\r\n',
        sized(c),
        c,
      ),
    },
    'with empty parts': {
      bytes: stream(
        '--frame\r\nContent-Length: 0\r\n\r\n\r\n--frame\r\n',
        sized(a),
        a,
        '\r\n--frame\r\n--frame\r\n',
        sized(b),
        b,
        '\r\n--frame\r\n',
        sized(c),
        c,
      ),
    },
    'with empty parts that look like the others': {
      bytes: stream(
        ...['--frame\r\n', sized(a), a, '\r\n--frame\r\n', sized(b), b, '\r\n--frame\r\n', sized(Buffer.alloc(0))],
        ...['\r\n--frame\r\n', sized(c), c, '\r\n--frame\r\n'],
      ),
    },
    'with a text in front of the first boundary': {
      bytes: stream(
        'This is a stream\r\nof pictures.\r\n--frame\r\n',
        sized(a),
        a,
        '\r\n--frame\r\n',
        sized(b),
        b,
        '\r\n--frame\r\n',
        sized(c),
        c,
      ),
    },
    'whose sizes are too small': {
      bytes: stream(
        '--frame\r\nContent-Length: 100\r\n\r\n',
        a,
        '\r\n--frame\r\n',
        unsized,
        a,
        '\r\n--frame\r\nContent-Length: 100\r\n\r\n',
        b,
        '\r\n--frame\r\n',
        unsized,
        c,
        '\r\n',
      ),
    },
    'with sizes that make no sense': {
      bytes: stream(
        '--frame\r\nContent-Length: -5\r\n\r\n',
        a,
        '\r\n--frame\r\nContent-Length: many\r\n\r\n',
        b,
        '\r\n--frame\r\nContent-Length: 1e3\r\n\r\n',
        c,
        '\r\n',
      ),
    },
    'with bytes behind the end of the picture': {
      bytes: stream(
        '--frame\r\n',
        sized(stream(a, '\0\0\0')),
        a,
        '\0\0\0\r\n--frame\r\n',
        unsized,
        b,
        '\0\0\r\n--frame\r\n',
        sized(c),
        c,
      ),
    },
  }

  it.each(Object.keys(cameras))('are found in those of cameras %s', (name) => {
    const { bytes, boundary } = cameras[name]!
    for (const size of [bytes.length, 4096, 1000, 61, 7, 1]) {
      const { pictures } = parse(bytes, { ...(boundary !== undefined && { boundary }), size })
      expect(pictures.map((picture) => picture.length)).toEqual([a, b, c].map((picture) => picture.length))
      expect(Buffer.concat([...pictures]).equals(Buffer.concat([a, b, c]))).toBe(true)
    }
  })

  it('are handed on as soon as their last byte has come, with a size or without', () => {
    for (const head of [sized(a), unsized]) expect(parse(stream('--frame\r\n', head, a)).pictures).toHaveLength(1)
  })

  it('are not mixed up with a picture in the metadata', () => {
    const jpeg = tinyJpeg({ thumbnail: tinyJpeg({ scanBytes: 50 }) })
    for (const head of [sized(jpeg), unsized])
      expect(parse(stream('--frame\r\n', head, jpeg, '\r\n--frame\r\n')).pictures).toEqual([jpeg])
  })

  it('come with the fields of their part, names in lower case', () => {
    const { heads } = parse(stream('--frame\r\n', sized(a, 'X-Timestamp:  12.5 \r\nX-Timestamp: 13\r\n'), a))
    expect(heads[0]?.get('x-timestamp')).toBe('12.5')
  })

  it('are whole when the boundary is short and stands in the picture by chance', () => {
    const jpeg = tinyJpeg({ fill: 0x78 })
    expect(parse(stream('--x\r\n', sized(jpeg), jpeg, '\r\n--x\r\n', sized(a), a), { boundary: 'x' }).pictures).toEqual([jpeg, a])
  })
})

describe('what is no picture', () => {
  it.each([
    ['a picture that was cut off, with its own size', sized(a.subarray(0, 200)), a.subarray(0, 200)],
    ['a picture that was cut off, with the size of the whole', sized(b), b.subarray(0, 3000)],
    ['a picture that was cut off in its head', sized(b), b.subarray(0, 30)],
    ['a picture that was cut off, without a size', unsized, b.subarray(0, 3000)],
    ['a picture that was cut off in its metadata', unsized, tinyJpeg({ thumbnail: b }).subarray(0, 900)],
    ['a picture whose end is missing', unsized, b.subarray(0, -2)],
    [
      'a file of another kind',
      'Content-Type: image/png\r\nContent-Length: 12\r\n\r\n',
      Buffer.from('\x89PNG\r\n\x1a\nabcd', 'latin1'),
    ],
    ['a picture without a scan', sized(stream('\xff\xd8\xff\xd9')), stream('\xff\xd8\xff\xd9')],
    ['a size beyond all measure', 'Content-Type: image/jpeg\r\nContent-Length: 99999999999\r\n\r\n', a],
    ['a head without end', `X-A: ${'a'.repeat(20_000)}\r\n`, Buffer.from('')],
  ])('is left out, and the next pictures come: %s', (_name, head, body) => {
    const bytes = stream(
      '--frame\r\n',
      sized(a),
      a,
      '\r\n--frame\r\n',
      head,
      body,
      '\r\n--frame\r\n',
      sized(c),
      c,
      '\r\n--frame\r\n',
      unsized,
      a,
      '\r\n--frame\r\n',
      sized(c),
      c,
      '\r\n--frame\r\n',
      sized(a),
      a,
      '\r\n--frame\r\n',
    )
    for (const size of [bytes.length, 4096, 61, 1]) {
      const { pictures, refused } = parse(bytes, { size })
      expect(refused).toHaveLength(1)
      // Where the size spans the next picture, that one may be lost with it; never more, and never a mixture of both.
      const found = pictures.map((picture) => [a, c].findIndex((known) => known.equals(picture)))
      expect(found).not.toContain(-1)
      expect(found.slice(-3)).toEqual([0, 1, 0])
      expect(found[0]).toBe(0)
    }
  })

  it('is counted in bytes, until the next picture', () => {
    expect(parse(Buffer.alloc(300_000, 0x41)).lost).toBeGreaterThan(290_000)
    expect(parse(Buffer.alloc(300_000, 0x0a)).lost).toBe(300_000)
    expect(parse(stream('\n'.repeat(1000), '--frame\r\n', sized(a), a)).lost).toBe(0)
  })

  it('is not read again and again, however it is made', () => {
    // Each part claims the rest of the stream, and breaks off at the next one.
    const head = 'Content-Length: 500000\r\n\r\n\xff\xd8\xff\xda\x00\x02'
    const many = stream(`--frame\r\n${head}`.repeat(20_000), '\r\n--frame\r\n', unsized, a)
    expect(parse(many, { size: 65_536 }).pictures).toEqual([a])
    const { lost } = parse(many.subarray(0, -300), { size: 65_536 })
    expect(lost).toBeGreaterThan(many.length / 2)
    expect(lost).toBeLessThan(many.length * 4)
  })

  it('counts as often as it is read', () => {
    // Each part has a segment that reaches over all the others, to where it proves to be no picture: a byte behind where the last one did.
    const part = '--frame\r\n\r\n\xff\xd8\xff\xe1LL\r\n'
    const bytes = stream(part.repeat(1000), 'end of it\n'.repeat(200))
    for (let index = 0; index < 1000; index++) {
      const at = index * part.length + 15
      bytes.writeUInt16BE(part.length * 1000 + 5 + index - at, at)
    }
    expect(parse(bytes, { size: 1 }).lost).toBeGreaterThan(100 * bytes.length)
  })
})

describe('announcedBoundary', () => {
  it.each([
    ['multipart/x-mixed-replace; boundary=frame', 'frame'],
    ['multipart/x-mixed-replace;boundary="--my boundary"', 'my boundary'],
    ['multipart/x-mixed-replace; BOUNDARY = --myboundary; charset=x', 'myboundary'],
    ['multipart/x-mixed-replace;boundary=++++', '++++'],
    ['multipart/x-mixed-replace', undefined],
    ['multipart/x-mixed-replace; boundary=--', undefined],
    ['multipart/x-mixed-replace; boundary=""', undefined],
  ])('of %s is %s', (type, boundary) => {
    expect(announcedBoundary(type)).toBe(boundary)
  })
})
