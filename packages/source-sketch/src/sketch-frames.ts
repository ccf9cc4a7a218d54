import type { CaptureContext, ImageFrame } from '@snapmint/core/adapter'
import { cadence, type Sleep, sleep as timerSleep } from './cadence.js'
import { createSketchPicture } from './sketch-picture.js'
import type { ResolvedSketchOptions } from './sketch-source-options.js'

/** The first sheet is begun already, this part of it: who looks at the first picture is not to see empty paper. */
const begun = 0.25

/** One run of the mock camera. `sleep` is injected by tests. */
export async function* sketchFrames(
  options: ResolvedSketchOptions,
  { signal, now, allocate }: CaptureContext,
  sleep: Sleep = timerSleep,
): AsyncGenerator<ImageFrame, void, undefined> {
  if (signal.aborted) return
  const picture = createSketchPicture(options)
  const intervalMs = 1000 / options.frameRate
  const headStartMs = options.sheetDurationMs * begun
  for await (const slot of cadence({ intervalMs, now, signal, sleep })) {
    const captureTime = now()
    const data = picture.render(headStartMs + slot * intervalMs, captureTime, allocate)
    yield { mimeType: 'image/jpeg', captureTime, data, codedWidth: options.width, codedHeight: options.height }
  }
}
