/** As much of `process` as this needs. */
export interface SignalSource {
  on(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown
  off(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown
}

export interface ErrorSource {
  on(event: 'error', listener: () => void): unknown
}

export interface StopRequest {
  /** Aborted by the first signal, or when nobody reads the output any more. */
  readonly signal: AbortSignal
  dispose(): void
}

export interface StopRequestOptions {
  readonly signals: SignalSource
  /** Fails when its reader has gone: `npm start | head`, a terminal that was closed. */
  readonly output: ErrorSource
  /** Ends the process at once. */
  readonly exit: (code: number) => void
  readonly now?: () => number
}

const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
/** A terminal's Ctrl-C reaches this process twice within moments: from the terminal, and passed on by npm. */
const sameRequestMs = 500

/** The first signal asks for an orderly end; another one, later, ends the process at once. */
export function listenForStop({ signals, output, exit, now = () => performance.now() }: StopRequestOptions): StopRequest {
  const controller = new AbortController()
  let requestedAt: number | undefined
  const listener = () => {
    if (requestedAt === undefined) {
      requestedAt = now()
      controller.abort()
    } else if (now() - requestedAt > sameRequestMs) exit(130)
  }
  for (const signal of stopSignals) signals.on(signal, listener)
  // Stays: what is written while the process ends fails, too.
  output.on('error', () => controller.abort())
  return {
    signal: controller.signal,
    dispose() {
      for (const signal of stopSignals) signals.off(signal, listener)
    },
  }
}
