/** Runs one after the other what has the same name. One that waits for its turn leaves as soon as `signal` aborts; `run` has to heed it itself. */
export type InTurn = <T>(name: string, signal: AbortSignal, run: () => Promise<T>) => Promise<T>

export function createTurns(): InTurn {
  const last = new Map<string, Promise<void>>()
  return (name, signal, run) => {
    if (signal.aborted) return Promise.reject(signal.reason)
    let onAbort = () => {}
    const turn = (last.get(name) ?? Promise.resolve()).then(() => {
      signal.removeEventListener('abort', onAbort)
      signal.throwIfAborted()
      return run()
    })
    const over: Promise<void> = turn
      .then(
        () => {},
        () => {},
      )
      .then(() => {
        if (last.get(name) === over) last.delete(name)
      })
    last.set(name, over)
    return new Promise((resolve, reject) => {
      onAbort = () => reject(signal.reason)
      signal.addEventListener('abort', onAbort, { once: true })
      turn.then(resolve, reject)
    })
  }
}
