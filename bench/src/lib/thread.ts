import { Worker, workerData } from 'node:worker_threads'

interface ThreadData {
  readonly module: string
  readonly input: unknown
}

/** Starts a worker thread on a TypeScript module, which finds `input` by {@link threadInput}. */
export function startThread(module: URL, input: unknown): Worker {
  const data: ThreadData = { module: module.href, input }
  return new Worker(new URL('./enter-thread.mjs', import.meta.url), { workerData: data })
}

export const threadInput = () => (workerData as ThreadData).input

/** The next message of a thread. Rejects when the thread fails first. */
export function nextMessage<T>(thread: Worker): Promise<T> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number) => leave(() => reject(new Error(`A thread of the benchmark ended with code ${code}`)))
    const onError = (error: unknown) => leave(() => reject(error))
    const onMessage = (message: T) => leave(() => resolve(message))
    const leave = (settle: () => void) => {
      thread.off('exit', onExit).off('error', onError).off('message', onMessage)
      settle()
    }
    thread.on('exit', onExit).on('error', onError).on('message', onMessage)
  })
}
