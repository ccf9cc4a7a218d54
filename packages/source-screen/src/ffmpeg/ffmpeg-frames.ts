import type { CaptureContext, Frame } from '@snapmint/core/adapter'
import { createFrameBuffer } from '../frame-buffer.js'
import { loadNativeDisplays } from '../native/native-displays.js'
import { screenSession } from '../screen-session.js'
import type { ResolvedScreenOptions } from '../screen-source-options.js'
import { fitRegion, pickDisplay } from '../target/pick.js'
import { openTargetServer, resolveXTarget, watchXTarget } from '../x11/x-target.js'
import { createDating } from './date-pictures.js'
import { explainExit } from './explain-exit.js'
import { type GrabInput, grabArguments } from './grab-arguments.js'
import { createOwedWatch } from './owed-pictures.js'
import type { GrabbedPicture } from './pair-pictures.js'
import { type Grabber, runGrabber } from './run-grabber.js'

/** So many bytes wait for the reader at most. */
const maxWaitingBytes = 64 * 2 ** 20
/** FFmpeg notices by failing that the screen has changed or gone; the X server's own word, which says more, may be so many ms behind. */
const explainAfterMs = 50

interface Prepared {
  readonly input: GrabInput
  /** What is captured, for messages. */
  readonly title: string
  /** Calls back once when the capture cannot go on. */
  readonly watch: (onEnd: (error: Error) => void) => void
  readonly release: () => void
}

/** One run of FFmpeg. */
export async function* ffmpegFrames(
  options: ResolvedScreenOptions,
  context: CaptureContext,
): AsyncGenerator<Frame, void, undefined> {
  const { signal, now, notice } = context
  const prepared = await prepare(options, signal)
  const buffer = createFrameBuffer(maxWaitingBytes, (frames) =>
    notice?.(`${frames} frames were dropped: more than ${maxWaitingBytes} bytes waited for the history`, { frames }),
  )
  const end = () => buffer.end()
  const date = createDating({ now, wallNow: Date.now })
  let later: NodeJS.Timeout | undefined
  const grabbing = startGrabbing(prepared, options, {
    onPicture({ wallTime, codedWidth, codedHeight, data }) {
      const captureTime = date(wallTime)
      if (captureTime !== undefined) buffer.push({ mimeType: 'image/jpeg', captureTime, data, codedWidth, codedHeight })
    },
    onRestart: () => notice?.('The capture was held up for more than a second; the pictures that it missed are left out'),
    onExit(error) {
      later = setTimeout(() => buffer.end(error), explainAfterMs)
    },
  })
  signal.addEventListener('abort', end)
  try {
    if (signal.aborted) return
    prepared.watch(buffer.end)
    for (let frame = await buffer.next(); frame !== undefined; frame = await buffer.next()) yield frame
  } finally {
    signal.removeEventListener('abort', end)
    prepared.release()
    await grabbing.stop()
    clearTimeout(later)
  }
}

interface GrabbingEvents {
  onPicture(picture: GrabbedPicture): void
  /** FFmpeg was about to make up for what it missed. */
  onRestart(): void
  /** It has ended by itself. */
  onExit(error: Error): void
}

/** Runs FFmpeg, and starts it anew where it would hurry after what it has missed. */
function startGrabbing({ input, title }: Prepared, options: ResolvedScreenOptions, events: GrabbingEvents) {
  const { ffmpegPath, frameRate } = options
  let frames = 0
  let replaced = Promise.resolve()
  let grabber = start()

  function start(): Grabber {
    const isMakingUp = createOwedWatch(frameRate)
    const started = runGrabber(ffmpegPath, grabArguments(input, options), (picture) => {
      if (started !== grabber) return
      frames += 1
      events.onPicture(picture)
      if (isMakingUp(picture.wallTime)) restart()
    })
    void started.exited.then((exit) => {
      if (started === grabber) events.onExit(explainExit(ffmpegPath, title, exit, frames))
    })
    return started
  }

  function restart(): void {
    const stopped = grabber.stop()
    replaced = replaced.then(() => stopped)
    grabber = start()
    events.onRestart()
  }

  return {
    async stop(): Promise<void> {
      await Promise.all([replaced, grabber.stop()])
    },
  }
}

async function prepare(options: ResolvedScreenOptions, signal: AbortSignal): Promise<Prepared> {
  const session = screenSession(options.display, process.platform, process.env)
  if (session === 'x11') return prepareX11(options, signal)
  const display = pickDisplay((await loadNativeDisplays()).displays, options.display)
  const title = `display ${JSON.stringify(display.id)}`
  const part = fitRegion(options.region, display, title)
  const input: GrabInput =
    session === 'macos'
      ? { kind: 'macos', displayIndex: display.index, area: part }
      : { kind: 'windows', area: { ...part, x: display.x + part.x, y: display.y + part.y } }
  return { input, title, watch: () => {}, release: () => {} }
}

async function prepareX11(options: ResolvedScreenOptions, signal: AbortSignal): Promise<Prepared> {
  const server = await openTargetServer(options, signal)
  try {
    const target = await resolveXTarget(server, options)
    return {
      input: { kind: 'x11', ...target },
      title: target.title,
      watch: (onEnd) => watchXTarget(server, options, target, onEnd),
      release: server.close,
    }
  } catch (error) {
    server.close()
    throw error
  }
}
