import { setTimeout as sleep } from 'node:timers/promises'
import type { EpochMs } from '@snapmint/core/adapter'
import { createHeaderClock } from './header-time.js'
import type { HttpAnswer } from './http-answer.js'
import type { HttpClient } from './http-client.js'
import { inputError, type Named } from './http-error.js'
import { toJpegPicture } from './jpeg-bytes.js'
import type { PictureSink } from './picture-sink.js'

/** Pictures a second that are asked for by default: cameras take a while for each, and answer nobody else meanwhile. */
const defaultFrameRate = 1
/** A larger body is no picture. */
const maxPictureBytes = 64 * 2 ** 20

export interface PollStillsOptions {
  readonly client: HttpClient
  /** The answer that turned out to be a single picture. */
  readonly first: HttpAnswer
  readonly named: Named
  readonly now: () => EpochMs
  readonly sink: PictureSink
  readonly frameRate: number | undefined
  readonly signal: AbortSignal
}

/**
 * Asks for one picture after the other, at `frameRate` or as fast as the camera answers. A picture is dated by the moment the answer began: by then the camera had taken it.
 */
export async function pollStills(options: PollStillsOptions): Promise<never> {
  const { client, first, named, now, sink, frameRate = defaultFrameRate, signal } = options
  const clock = createHeaderClock()
  const intervalMs = 1000 / frameRate
  let due = performance.now() + intervalMs
  for (let answer = first; ; answer = await client.get()) {
    const arrival = now()
    const type = answer.head.get('content-type') ?? ''
    if (!/^image\//i.test(type)) {
      answer.destroy()
      throw inputError(named, 'SNAPMINT_SOURCE_UNREADABLE', `the server answered ${type} instead of a picture`)
    }
    const picture = toJpegPicture(await readWhole(answer, named))
    if (picture === undefined) sink.refused('was cut off or damaged')
    else sink.picture(picture, clock(answer.head, arrival))
    await sleep(Math.max(0, due - performance.now()), undefined, { signal })
    due = Math.max(due, performance.now()) + intervalMs
  }
}

async function readWhole(answer: HttpAnswer, named: Named): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Buffer[] = []
  let bytes = 0
  await answer.read((chunk) => {
    bytes += chunk.length
    if (bytes > maxPictureBytes)
      throw inputError(named, 'SNAPMINT_SOURCE_UNREADABLE', `its picture has more than ${maxPictureBytes} bytes`)
    chunks.push(Buffer.from(chunk))
  })
  return new Uint8Array(Buffer.concat(chunks))
}
