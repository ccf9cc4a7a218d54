import type { EpochMs } from '@snapmint/core/adapter'
import { NeedsFfmpeg } from '../needs-ffmpeg.js'
import { createHeaderClock } from './header-time.js'
import type { HttpAnswer } from './http-answer.js'
import { inputError, type Named } from './http-error.js'
import { createMultipartParser } from './multipart-parser.js'
import type { PictureSink } from './picture-sink.js'

/** So many bytes without a picture: the next run may find one. */
const maxLostBytes = 128 * 2 ** 20
/** Before the first picture, less says that there is none. */
const maxPreambleBytes = 8 * 2 ** 20

export interface ReadPartsOptions {
  readonly answer: HttpAnswer
  readonly boundary: string | undefined
  readonly named: Named
  readonly now: () => EpochMs
  readonly sink: PictureSink
}

/**
 * Reads the parts of an answer as they come. A picture has arrived when its last byte was read.
 * @throws SnapmintError when the stream ends, or holds no pictures; NeedsFfmpeg when its parts are pictures of another kind.
 */
export async function readParts({ answer, boundary, named, now, sink }: ReadPartsOptions): Promise<never> {
  const clock = createHeaderClock()
  let arrival = 0
  const parser = createMultipartParser({
    boundary,
    onPicture: (picture, head) => sink.picture(picture, head.hasMore ? clock(head.fields(), arrival) : { arrival }),
    onRefused(reason, head) {
      const type = head.fields().get('content-type') ?? ''
      if (sink.pictures() === 0 && reason === 'was no JPEG' && /^image\/(?!p?jpe?g\b)/i.test(type))
        throw new NeedsFfmpeg(`its pictures are ${type}`)
      sink.refused(reason)
    },
  })
  await answer.read((chunk) => {
    arrival = now()
    parser.push(chunk)
    if (parser.lostBytes() > (sink.pictures() === 0 ? maxPreambleBytes : maxLostBytes))
      throw inputError(named, 'SNAPMINT_SOURCE_UNREADABLE', `${parser.lostBytes()} bytes came without a JPEG picture among them`)
  })
  const count = sink.pictures()
  const when = count === 0 ? 'before the first picture' : `after ${count} pictures`
  throw inputError(named, 'SNAPMINT_SOURCE_ENDED', `the stream ended ${when}`)
}
