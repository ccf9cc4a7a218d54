import type { Pipeline } from '@snapmint/core'

/** A mistake in the account shows at the first calls; later it is somebody else's, who will mend it. */
const startMs = 60_000

/**
 * Resolves when the time is over or the end is asked for. Rejects with the camera's error when no restart can mend it, and with that of Firestore when it refuses from the start:
 * no credentials, no permission, no such project, no index.
 */
export async function untilEnd(pipeline: Pipeline<'easel'>, stop: AbortSignal, durationMs: number | undefined): Promise<void> {
  const since = performance.now()
  let timer: NodeJS.Timeout | undefined
  const forget: (() => void)[] = []
  try {
    await new Promise<void>((resolve, reject) => {
      let served = false
      forget.push(
        pipeline.on('source:failed', ({ error }) => reject(error)),
        pipeline.on('jobs:claimed', () => (served = true)),
        pipeline.on('jobs:unavailable', ({ route, error }) => {
          if (route === 'jobs' && !error.retryable && !served && performance.now() - since < startMs) reject(error)
        }),
      )
      if (durationMs !== undefined) timer = setTimeout(resolve, durationMs)
      if (stop.aborted) resolve()
      stop.addEventListener('abort', () => resolve(), { once: true })
    })
  } finally {
    clearTimeout(timer)
    for (const off of forget) off()
  }
}
