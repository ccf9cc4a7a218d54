import type { FrameSource } from '@snapmint/core'
import { type Watched, watch } from './watch.js'

const opened: Promise<Watched>[] = []

/** A pipeline of a camera that is opened at its first use and runs until all tests are done. */
export function runningCamera(create: () => FrameSource): () => Promise<Watched> {
  let running: Promise<Watched> | undefined
  return () => {
    if (running === undefined) {
      running = watch(create())
      opened.push(running)
    }
    return running
  }
}

/** Ends what was opened, and looks at the times of all its frames. */
export async function closeRunningCameras(): Promise<void> {
  for (const running of opened.splice(0)) await (await running)[Symbol.asyncDispose]()
}
