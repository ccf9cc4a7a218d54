/** Reports go to the server so often, in ms (RFC 3550, 6.2). */
const reportEveryMs = 5000
const leastKeepAliveMs = 1000
/** Silence is looked for so often within `timeoutMs`. */
const looksPerTimeout = 4

export interface LivenessOptions {
  /** A server that sends nothing for so long, in ms, is given up. */
  readonly timeoutMs: number
  readonly onSilence: () => void
  readonly onKeepAlive: () => void
  readonly onReport: () => void
}

/** The timers of a session: notices a server that has fallen silent, and shows it that we are here. */
export function createLiveness({ timeoutMs, onSilence, onKeepAlive, onReport }: LivenessOptions) {
  const timers: NodeJS.Timeout[] = []
  let packets = 0
  let seen = 0
  let quietLooks = 0

  function look(): void {
    quietLooks = packets === seen ? quietLooks + 1 : 0
    seen = packets
    if (quietLooks >= looksPerTimeout) onSilence()
  }

  return {
    /** @param sessionMs the server ends a session from which it hears nothing for so long. */
    start(sessionMs: number): void {
      timers.push(
        setInterval(look, timeoutMs / looksPerTimeout),
        setInterval(onKeepAlive, Math.max(leastKeepAliveMs, sessionMs / 2)),
        setInterval(onReport, reportEveryMs),
      )
    },
    /** A packet came. Costs no timer. */
    feed(): void {
      packets += 1
    },
    stop(): void {
      for (const timer of timers) clearInterval(timer)
    },
  }
}
