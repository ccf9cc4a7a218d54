import { type ChildProcess, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { createPicturePairing, type GrabbedPicture } from './pair-pictures.js'

/** How the process ended. */
export interface GrabberExit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** The end of what it said. */
  readonly words: string
  /** It did not start (a Node.js error code), or its output made no sense. */
  readonly failure?: string | undefined
}

export interface Grabber {
  /** Fulfilled when the process is gone and all it wrote has been read. Never rejects. */
  readonly exited: Promise<GrabberExit>
  /** Ends it by force. Fulfilled when it is gone. Idempotent. */
  stop(): Promise<void>
}

const keptWords = 4096
const ignore = (): void => {}

/** Starts FFmpeg and reads what {@link grabArguments} makes it write. */
export function runGrabber(path: string, args: readonly string[], onPicture: (picture: GrabbedPicture) => void): Grabber {
  const child = trySpawn(path, args)
  if (typeof child === 'string') {
    return { exited: Promise.resolve({ code: null, signal: null, words: '', failure: child }), stop: () => Promise.resolve() }
  }
  let words = ''
  let failure: string | undefined
  const guarded = (read: () => void): void => {
    try {
      if (failure === undefined) read()
    } catch (error) {
      failure ??= (error as Error).message
      kill()
    }
  }
  const pairing = createPicturePairing(onPicture)
  const bytes = child.stdout as Readable
  const index = child.stdio[3] as Readable
  bytes.on('error', ignore).on('data', (chunk: Buffer) => guarded(() => pairing.bytes(chunk)))
  index.setEncoding('latin1').on('error', ignore)
  index.on('data', (text: string) => guarded(() => pairing.index(text)))
  child.stderr?.setEncoding('utf8').on('error', ignore)
  child.stderr?.on('data', (text: string) => {
    words = (words + text).slice(-keptWords)
  })

  // SIGTERM is of no use: between two frames the grabber sleeps, for seconds at low rates, and does not wake up for it.
  function kill(): void {
    if (child instanceof Object && child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
    // A wrapper script may leave a child of its own behind that holds the pipes open.
    for (const pipe of [bytes, index, (child as ChildProcess).stderr]) pipe?.destroy()
  }

  const exited = new Promise<GrabberExit>((resolve) => {
    child.on('error', (error: NodeJS.ErrnoException) => {
      failure ??= error.code ?? error.name
      // A process that never started may emit no `close`.
      if (child.pid === undefined) resolve({ code: null, signal: null, words, failure })
    })
    child.on('close', (code, signal) => resolve({ code, signal, words, failure }))
  })
  return {
    exited,
    async stop() {
      kill()
      await exited
    },
  }
}

/** @returns the child, or why the system refuses to make one. */
function trySpawn(path: string, args: readonly string[]): ChildProcess | string {
  try {
    // A process group of its own: Ctrl-C on a terminal is for the pipeline to act on, and what is being drained still needs frames.
    const child = spawn(path, args, { stdio: ['ignore', 'pipe', 'pipe', 'pipe'], detached: true, windowsHide: true })
    if (child.stdio?.[3]) return child
    // Out of descriptors: the error comes as an event, the streams never.
    child.on('error', ignore)
    return 'EMFILE'
  } catch (thrown) {
    return String((thrown as NodeJS.ErrnoException).code)
  }
}
