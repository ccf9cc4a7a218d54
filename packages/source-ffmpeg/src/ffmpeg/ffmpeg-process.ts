import { type ChildProcess, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { type FramecrcLine, parseFramecrcLine } from './framecrc.js'
import { createPacketPairing } from './pair-packets.js'
import { createLineSplitter } from './split-lines.js'

/** One encoded picture as FFmpeg handed it over. */
export interface Packet {
  readonly ptsMs: number
  /** 0 when unknown. */
  readonly durationMs: number
  readonly data: Uint8Array<ArrayBuffer>
  readonly codedWidth?: number | undefined
  readonly codedHeight?: number | undefined
}

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
  /** Ends it, if need be by force. Fulfilled when it is gone. */
  stop(): Promise<void>
}

export interface FfmpegProcessOptions {
  readonly path: string
  readonly arguments: readonly string[]
  readonly onPacket: (packet: Packet) => void
  /** From SIGTERM to SIGKILL, in ms. Default 1000: well within the 2000 ms after which a run that was aborted counts as hung. */
  readonly killAfterMs?: number | undefined
}

const maxLines = 40
/** Bytes without an index entry: far more than any picture has. */
const maxPendingBytes = 256 * 2 ** 20

/** Starts FFmpeg and reads what {@link ffmpegArguments} makes it write. */
export function startFfmpeg({ path, arguments: args, onPacket, killAfterMs = 1000 }: FfmpegProcessOptions): FfmpegProcess {
  const child = trySpawn(path, args)
  return typeof child === 'string' ? notStarted(child) : supervise(child, onPacket, killAfterMs)
}

function supervise(child: ChildProcess, onPacket: (packet: Packet) => void, killAfterMs: number): FfmpegProcess {
  const lines: string[] = []
  let failure: string | undefined
  const fail = (reason: string) => {
    failure ??= reason
    kill()
  }
  const pipes = readPackets(child, onPacket, fail)
  const errors = createLineSplitter((line) => {
    if (line.trim() !== '') lines.push(line.trim())
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
    async stop() {
      kill()
      await exited
    },
  }
}

/** @returns the child, or why the system refuses to make one. Never the error itself: it carries the arguments, and with them the input's credentials. */
function trySpawn(path: string, args: readonly string[]): ChildProcess | string {
  try {
    // A process group of its own: Ctrl-C on a terminal is for us to act on, and what is being drained still needs frames.
    const child = spawn(path, args, { stdio: ['ignore', 'pipe', 'pipe', 'pipe'], detached: true, windowsHide: true })
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
  return { exited, pause: ignore, resume: ignore, stop: async () => {} }
}

function ignore(): void {}

const running = (child: ChildProcess) => child.pid !== undefined && child.exitCode === null && child.signalCode === null

/** Joins descriptor 1, the packets, with descriptor 3, their index. */
function readPackets(child: ChildProcess, onPacket: (packet: Packet) => void, fail: (reason: string) => void): Readable[] {
  const bytes = child.stdout as Readable
  const index = child.stdio[3] as Readable
  let msPerTick = 1
  let size: Extract<FramecrcLine, { kind: 'size' }> | undefined

  const pairing = createPacketPairing<Extract<FramecrcLine, { kind: 'packet' }>>(({ pts, duration }, data) => {
    // Packets that do not begin like a JPEG mean that the two pipes are out of step.
    if (data[0] !== 0xff || data[1] !== 0xd8) return fail('its output is no sequence of JPEG files')
    const { codedWidth, codedHeight } = size ?? {}
    onPacket({ ptsMs: pts * msPerTick, durationMs: duration * msPerTick, data, codedWidth, codedHeight })
  })
  const splitter = createLineSplitter((text) => {
    const line = parseFramecrcLine(text)
    if (line?.kind === 'packet') pairing.pushEntry(line)
    else if (line?.kind === 'time-base') msPerTick = line.msPerTick
    else if (line?.kind === 'size') size = line
  })
  bytes.on('error', ignore).on('data', (chunk: Uint8Array) => {
    pairing.pushBytes(chunk)
    if (pairing.pendingBytes() > maxPendingBytes) fail('it wrote pictures without saying their size')
  })
  index.setEncoding('latin1').on('error', ignore)
  index.on('data', (text: string) => {
    try {
      splitter.push(text)
    } catch {
      fail('its index of pictures cannot be read')
    }
  })
  return [bytes, index]
}
