import { type ChildProcess, spawn } from 'node:child_process'
import { createLogReader, type LogLine } from './log-lines.js'
import { type Packet, readPackets } from './read-packets.js'
import { createLineSplitter } from './split-lines.js'

/** How a process ended. */
export interface FfmpegExit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** Its last words, one line each. */
  readonly lines: readonly string[]
  /** It did not start (a Node.js error code), or its output made no sense. */
  readonly failure?: string | undefined
}

export interface FfmpegProcess {
  /** Fulfilled when the process is gone and all it wrote has been read. */
  readonly exited: Promise<FfmpegExit>
  /** Stops reading: once the pipes are full, FFmpeg waits. */
  pause(): void
  resume(): void
  /** Ends it because of what it wrote; the end of a sentence. */
  fail(reason: string): void
  /** Ends it, if need be by force. Fulfilled when it is gone. */
  stop(): Promise<void>
}

export interface FfmpegProcessOptions {
  readonly path: string
  readonly arguments: readonly string[]
  readonly onPacket: (packet: Packet) => void
  /** Told of what else is known of the picture, before the packets that follow it: see {@link LogLine}. */
  readonly onLog?: ((line: LogLine) => void) | undefined
  /** Each line of its error output as it is. */
  readonly onLine?: ((line: string) => void) | undefined
  /** What it reads from its standard input, one after the other. Default: none. */
  readonly input?: readonly Uint8Array[] | undefined
  /** From SIGTERM to SIGKILL, in ms. Default 1000: well within the 2000 ms after which a run that was aborted counts as hung. */
  readonly killAfterMs?: number | undefined
}

const maxLines = 40

/** Starts FFmpeg and reads what {@link ffmpegArguments} makes it write. */
export function startFfmpeg(options: FfmpegProcessOptions): FfmpegProcess {
  const child = trySpawn(options)
  return typeof child === 'string' ? notStarted(child) : supervise(child, options)
}

function supervise(child: ChildProcess, options: FfmpegProcessOptions): FfmpegProcess {
  const { onPacket, onLog, onLine, killAfterMs = 1000 } = options
  const lines: string[] = []
  let failure: string | undefined
  const fail = (reason: string) => {
    failure ??= reason
    kill()
  }
  const pipes = readPackets(child, onPacket, fail)
  const readLog = createLogReader()
  const errors = createLineSplitter((text) => {
    onLine?.(text)
    const line = text.trim() === '' ? undefined : readLog(text.trim())
    if (line?.kind === 'error') lines.push(line.text)
    else if (line !== undefined) onLog?.(line)
    if (lines.length > maxLines) lines.shift()
  })
  child.stderr?.setEncoding('utf8').on('data', errors.push).on('end', errors.end).on('error', ignore)

  const exited = new Promise<FfmpegExit>((resolve) => {
    child.on('error', (error: NodeJS.ErrnoException) => {
      failure ??= error.code ?? error.name
      // A process that never started may emit no `close`.
      if (child.pid === undefined) resolve({ code: null, signal: null, lines, failure })
    })
    child.on('close', (code, signal) => resolve({ code, signal, lines, failure }))
  })

  function kill(): void {
    // Our ends go first: a process that is blocked on a full pipe could not react to the signal.
    for (const pipe of pipes) pipe.destroy()
    child.stdin?.destroy()
    if (!running(child)) return
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), killAfterMs)
    child.once('exit', () => {
      clearTimeout(timer)
      // A wrapper script may leave a child of its own behind that holds the pipe open.
      child.stderr?.destroy()
    })
  }

  return {
    exited,
    pause() {
      for (const pipe of pipes) pipe.pause()
    },
    resume() {
      for (const pipe of pipes) pipe.resume()
    },
    fail,
    async stop() {
      kill()
      await exited
    },
  }
}

/** @returns the child, or why the system refuses to make one. Never the error itself: it carries the arguments, and with them the input's credentials. */
function trySpawn({ path, arguments: args, input }: FfmpegProcessOptions): ChildProcess | string {
  try {
    // A process group of its own: Ctrl-C on a terminal is for us to act on, and what is being drained still needs frames.
    const stdin = input === undefined ? 'ignore' : 'pipe'
    const child = spawn(path, args, { stdio: [stdin, 'pipe', 'pipe', 'pipe'], detached: true, windowsHide: true })
    // It may end before it has read all.
    child.stdin?.on('error', ignore)
    for (const bytes of input ?? []) child.stdin?.write(bytes)
    child.stdin?.end()
    if (child.stdio?.[3]) return child
    // Out of descriptors: the error comes as an event, the streams never.
    child.on('error', ignore)
    return 'EMFILE'
  } catch (thrown) {
    return String((thrown as NodeJS.ErrnoException).code)
  }
}

function notStarted(failure: string): FfmpegProcess {
  const exited = Promise.resolve({ code: null, signal: null, lines: [], failure })
  return { exited, pause: ignore, resume: ignore, fail: ignore, stop: async () => {} }
}

function ignore(): void {}

const running = (child: ChildProcess) => child.pid !== undefined && child.exitCode === null && child.signalCode === null
