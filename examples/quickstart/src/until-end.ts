import type { Pipeline } from '@snapmint/core'

export interface EndOptions {
  readonly pipeline: Pipeline<'camera'>
  /** Somebody asks for the end. */
  readonly stop: AbortSignal
  /** Undefined: no end of its own. */
  readonly durationMs: number | undefined
}

/** Resolves when the time is over or the end is asked for. Rejects with the camera's error when no restart can mend it. */
export async function untilEnd({ pipeline, stop, durationMs }: EndOptions): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  let forget = () => {}
  try {
    await new Promise<void>((resolve, reject) => {
      forget = pipeline.on('source:failed', ({ error }) => reject(error))
      if (durationMs !== undefined) timer = setTimeout(resolve, durationMs)
      if (stop.aborted) resolve()
      stop.addEventListener('abort', () => resolve(), { once: true })
    })
  } finally {
    clearTimeout(timer)
    forget()
  }
}
