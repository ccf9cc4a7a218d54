import type { CaptureContext, Frame, ImageFrame } from '@snapmint/core/adapter'
import { cadence } from './cadence.js'
import { sweepShotDirectories } from './shot-directory.js'
import { type Shot, takeShot } from './take-shot.js'
import { toolFacts } from './webcam-command.js'
import type { ResolvedWebcamOptions } from './webcam-source-options.js'

/** One run: a picture at once, then one in each slot, one at a time. Ends, with the tool, when the signal aborts or `return()` is called. */
export function webcamFrames(options: ResolvedWebcamOptions, context: CaptureContext): AsyncIterableIterator<Frame> {
  const stopping = new AbortController()
  const stop = () => stopping.abort()
  if (context.signal.aborted) stop()
  else context.signal.addEventListener('abort', stop)
  const frames = shots(options, {
    signal: stopping.signal,
    now: () => context.now(),
    allocate: (byteLength) => context.allocate(byteLength),
    notice: (message, details) => context.notice?.(message, details),
  })
  const release = () => context.signal.removeEventListener('abort', stop)
  const iterator: AsyncIterableIterator<Frame> = {
    [Symbol.asyncIterator]: () => iterator,
    async next() {
      try {
        const result = await frames.next()
        if (result.done === true) release()
        return result
      } catch (error) {
        release()
        throw error
      }
    },
    // A generator's own return() waits for the next() that is pending.
    async return() {
      stop()
      release()
      return frames.return()
    },
  }
  return iterator
}

async function* shots(options: ResolvedWebcamOptions, context: CaptureContext): AsyncGenerator<ImageFrame, void, undefined> {
  const report = createReporter(options, context)
  if (toolFacts[options.tool].output !== 'stdout' && !context.signal.aborted) await sweepShotDirectories()
  for await (const slot of cadence({ intervalMs: options.intervalMs, now: context.now, signal: context.signal })) {
    const shot = await takeShot(options, context)
    if (shot === undefined) return
    report(shot, slot)
    yield shot.frame
  }
}

/** Longer by less than this is not told again. */
const worthTelling = 1.5

function createReporter(options: ResolvedWebcamOptions, { notice }: CaptureContext): (shot: Shot, slot: number) => void {
  let told = 0
  let last = -1
  let leftOut = false
  let sized = false
  return (shot, slot) => {
    const { frame, exposureMs, shotMs } = shot
    const { captureTime, codedWidth = 0, codedHeight = 0 } = frame
    if (options.reportEachExposure || told === 0 || exposureMs > told * worthTelling) {
      told = Math.max(told, exposureMs, 1)
      const message = `Pictures are exposed within ${Math.ceil(exposureMs)} ms after captureTime; a shot takes ${Math.ceil(shotMs)} ms`
      notice?.(message, { captureTime, exposureMs, shotMs })
    }
    const [width, height] = options.rotation % 180 === 0 ? [codedWidth, codedHeight] : [codedHeight, codedWidth]
    if (!sized && options.width !== undefined && (width !== options.width || height !== options.height)) {
      sized = true
      const asked = `${options.width} × ${options.height}`
      notice?.(`The camera gives pictures of ${width} × ${height} instead of ${asked}`, { width, height })
    }
    if (!leftOut && slot > last + 1) {
      leftOut = true
      notice?.(`Shots take longer than \`intervalMs\` (${options.intervalMs} ms): slots are left out`, { shotMs })
    }
    last = slot
  }
}
