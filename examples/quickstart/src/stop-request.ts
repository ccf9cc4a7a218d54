/** As much of `process` as this needs. */
export interface SignalSource {
  on(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown
  off(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown
}

export interface StopRequest {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal
  dispose(): void
}

export interface StopRequestOptions {
  readonly source: SignalSource
  /** Ends the process at once. */
  readonly exit: (code: number) => void
  readonly now?: () => number
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
/** A terminal's Ctrl-C reaches this process twice within moments: from the terminal, and passed on by npm. */
const sameRequestMs = 500

/** The first signal asks for an orderly end; another one, later, ends the process at once. */
export function listenForStop({ source, exit, now = () => performance.now() }: StopRequestOptions): StopRequest {
  const controller = new AbortController()
  let requestedAt: number | undefined
  const listener = () => {
    if (requestedAt === undefined) {
      requestedAt = now()
      controller.abort()
    } else if (now() - requestedAt > sameRequestMs) exit(130)
  }
  for (const signal of signals) source.on(signal, listener)
  return {
    signal: controller.signal,
    dispose() {
      for (const signal of signals) source.off(signal, listener)
    },
  }
}
