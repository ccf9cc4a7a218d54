import type { EpochMs } from '@snapmint/core/adapter'
import { createFrameQueue } from '../frames/frame-queue.js'
import { createRateLimitedNotice } from '../frames/rate-limited-notice.js'
import { createThinning } from '../frames/thin-out.js'
import { NeedsFfmpeg } from '../needs-ffmpeg.js'
import type { Player, PlayerOptions } from '../player.js'
import { createUnitDating } from '../time/unit-dating.js'
import { createHttpClient, type HttpClient } from './http-client.js'
import { connectionError, inputError } from './http-error.js'
import type { JpegPicture } from './jpeg-bytes.js'
import { announcedBoundary } from './part-head.js'
import type { PictureSink } from './picture-sink.js'
import { pollStills } from './poll-stills.js'
import { readParts } from './read-parts.js'

type Unit = { -readonly [Key in keyof JpegPicture]: JpegPicture[Key] }

/**
 * Reads a camera that pushes JPEG pictures over HTTP (`multipart/x-mixed-replace`), or asks again and again for one that gives a single picture at a time. The pictures are handed on
 * as the camera made them.
 */
export function createMjpegPlayer({ plan, options, context }: PlayerOptions): Player {
  const { maxQueueBytes = 64 * 2 ** 20, timeoutMs = 10_000, frameRate, clock } = options
  const stopping = new AbortController()
  const { signal } = stopping
  let running: Promise<void> | undefined
  let count = 0
  const { now, notice, allocate = (byteLength: number) => new Uint8Array(byteLength) } = context
  /** The picture whose bytes are borrowed. */
  let current: Unit | undefined
  const queue = createFrameQueue({
    now,
    maxBytes: maxQueueBytes,
    onDrop: createRateLimitedNotice(
      context,
      (frames) => `${frames} frames were dropped: more than ${maxQueueBytes} bytes waited for the history`,
    ),
    onTake: () => {},
    allocate,
  })
  const tellRefused = createRateLimitedNotice(
    context,
    (parts, reason) => `"${plan.label}" sent pictures that were left out, ${parts} of them: the last ${reason}`,
  )
  const isDue = createThinning(frameRate)
  const dating = createUnitDating<Unit>({ deliver, now, notice, clock, label: plan.label })

  function deliver(unit: Unit, captureTime: EpochMs): void {
    const { data, codedWidth, codedHeight } = unit
    const borrowed = unit === current
    current = borrowed ? undefined : current
    if (isDue(captureTime)) queue.push({ mimeType: 'image/jpeg', captureTime, data, codedWidth, codedHeight }, borrowed)
  }

  const sink: PictureSink = {
    picture({ data, codedWidth, codedHeight }, times) {
      count += 1
      const unit: Unit = { data, codedWidth, codedHeight }
      current = unit
      dating.push(unit, times)
      // Held back: its bytes must outlast the call.
      if (current === unit) unit.data = new Uint8Array(data)
      current = undefined
    },
    refused: (reason) => tellRefused(1, reason),
    pictures: () => count,
  }

  async function play(client: HttpClient): Promise<never> {
    const answer = await client.get()
    const type = answer.head.get('content-type') ?? ''
    const coding = answer.head.get('content-encoding') ?? 'identity'
    if (coding !== 'identity')
      throw inputError(plan, 'SNAPMINT_SOURCE_UNREADABLE', `the server sends it as ${coding}, though it was asked not to`)
    if (/^multipart\//i.test(type) || plan.format === 'mpjpeg')
      return readParts({ answer, boundary: announcedBoundary(type), named: plan, now, sink })
    if (/^image\/p?jpe?g\b/i.test(type)) return pollStills({ client, first: answer, named: plan, now, sink, frameRate, signal })
    answer.destroy()
    if (/^text\/html\b/i.test(type))
      throw inputError(plan, 'SNAPMINT_SOURCE_UNREADABLE', 'the server answered a web page; give the address of its stream')
    throw new NeedsFfmpeg(type === '' ? 'it does not say what it is' : `it is ${type}`)
  }

  async function run(): Promise<void> {
    const client = createHttpClient({ url: plan.url, named: plan, timeoutMs, signal })
    try {
      await play(client)
    } catch (error) {
      throw signal.aborted || (error instanceof NeedsFfmpeg && count === 0) ? error : connectionError(plan, error, count)
    } finally {
      dating.end()
    }
  }

  return {
    next() {
      running ??= run().catch((error) => (signal.aborted ? queue.close() : queue.end({ error })))
      return queue.next()
    },
    async stop() {
      stopping.abort()
      running ??= Promise.resolve()
      await running
      queue.close()
    },
  }
}
