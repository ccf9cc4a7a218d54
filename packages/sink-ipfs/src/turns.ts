/** Runs one after the other what has the same name. Rejects as soon as `signal` aborts, also while others have their turn. */
export type InTurn = <T>(name: string, signal: AbortSignal, run: () => Promise<T>) => Promise<T>

export function createTurns(): InTurn {
  const last = new Map<string, Promise<void>>()
  return (name, signal, run) => {
    const turn = (last.get(name) ?? Promise.resolve()).then(() => {
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
      const onAbort = () => reject(signal.reason)
      signal.addEventListener('abort', onAbort, { once: true })
      turn.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
    })
  }
}
