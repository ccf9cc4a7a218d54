import type { CaptureContext, FrameSource } from '../spec/frame-source.js'

/** Longest time in ms that a source may by default keep the thread from its event loop. */
const defaultBreathAfterMs = 50

/**
 * Takes every frame of one run as soon as it comes and hands it to `onFrame`, which is synchronous: between two `next()` calls nothing is awaited.
 * The exception is a source that yields on and on within one turn of the event loop; after `breathAfterMs` it has to let timers and messages through.
 *
 * Resolves when the run ends or, once `context.signal` is aborted, with the source's next sign of life; what it yields then is ignored. Rejects with what
 * the source threw.
 */
export async function drainSource(
  source: Pick<FrameSource, 'frames'>,
  context: CaptureContext,
  onFrame: (frame: unknown) => void,
  breathAfterMs: number = defaultBreathAfterMs,
): Promise<void> {
  const turns = createTurnTracker()
  try {
    for await (const frame of source.frames(context)) {
      if (context.signal.aborted) return
      onFrame(frame)
      if (turns.msInThisTurn() > breathAfterMs) await new Promise(setImmediate)
      if (context.signal.aborted) return
    }
  } finally {
    turns.stop()
  }
}

/** Tells how long the event loop has not come round. */
function createTurnTracker() {
  const { nodeTiming } = performance
  let begin = performance.now()
  let idleTime = -1
  let pending: NodeJS.Immediate | undefined
  const turned = () => {
    pending = undefined
    begin = performance.now()
  }
  return {
    msInThisTurn(): number {
      // It has been idle since the last frame, as between those of a camera: no need to ask it for a sign.
      if (nodeTiming.idleTime !== idleTime) {
        idleTime = nodeTiming.idleTime
        begin = performance.now()
        return 0
      }
      pending ??= setImmediate(turned)
      return performance.now() - begin
    },
    stop: () => clearImmediate(pending),
  }
}
