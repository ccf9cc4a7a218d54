import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** A process of the benchmark's own that answers messages. */
export interface Child {
  readonly pid: number
  /** Its next message. Rejects when it ends first. */
  message<T>(): Promise<T>
  ask<T>(): Promise<T>
  stop(): Promise<void>
}

/** Starts a module of this folder without any of our own loaders: what is measured is plain Node.js. */
export function startChild(file: string, args: readonly string[] = []): Child {
  const path = fileURLToPath(new URL(file, import.meta.url))
  const child = fork(path, args, { execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const message = <T>() => nextMessage<T>(child, file)
  return {
    pid: child.pid ?? 0,
    message,
    ask<T>() {
      const answer = message<T>()
      child.send('ask')
      return answer
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    },
  }
}

/** A process that ended instead of answering. */
export class ChildEnded extends Error {
  constructor(
    file: string,
    readonly exitCode: number | null,
  ) {
    super(`${file} ended with ${exitCode}`)
  }
}

function nextMessage<T>(child: ChildProcess, file: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const onMessage = (message: T) => leave(() => resolve(message))
    const onExit = (code: number | null) => leave(() => reject(new ChildEnded(file, code)))
    const leave = (settle: () => void) => {
      child.off('message', onMessage).off('exit', onExit)
      settle()
    }
    child.on('message', onMessage).on('exit', onExit)
  })
}
