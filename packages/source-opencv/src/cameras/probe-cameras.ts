import { type ChildProcess, fork } from 'node:child_process'
import { SnapmintError } from '@snapmint/core/adapter'
import type { ProbeMessage } from './probe-protocol.js'

/** How long a child may take to load OpenCV, on a busy machine, in ms. */
const loadMs = 20_000
/** How long a child that was killed may take to end, in ms. One that a driver holds in the kernel does not end before the driver lets go. */
const endMs = 1000

/** What a camera answered; undefined when it could not be opened. */
export type ProbeResult = Omit<ProbeMessage & { readonly type: 'found' }, 'type'> | undefined

export interface ProbeOptions {
  /** The child's program. */
  readonly module: URL
  readonly env: Readonly<Record<string, string>>
  /** How long one camera may take, in ms. */
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
  /** Default: forks `module`. */
  readonly start?: ((module: URL, env: NodeJS.ProcessEnv) => ChildProcess) | undefined
}

/**
 * Asks each device in a forked child. A driver that ends the child, or holds it for longer than `timeoutMs`, costs that device its place: the others are asked by a new child.
 * No child is left behind, save one that cannot be killed: nobody waits for that one, which ends when its driver lets it.
 */
export async function probeCameras(
  devices: readonly (number | string)[],
  options: ProbeOptions,
): Promise<readonly ProbeResult[]> {
  const results: ProbeResult[] = []
  while (results.length < devices.length) {
    const answers = await askChild(devices.slice(results.length), options)
    results.push(...answers)
    // The one at which it stopped.
    if (results.length < devices.length) results.push(undefined)
  }
  return results
}

async function askChild(devices: readonly (number | string)[], options: ProbeOptions): Promise<ProbeResult[]> {
  options.signal?.throwIfAborted()
  const child = startChild(options)
  const answers: ProbeResult[] = []
  let failure: SnapmintError | undefined
  let timer: NodeJS.Timeout | undefined
  const killed = new AbortController()
  const kill = () => {
    clearTimeout(timer)
    child.kill('SIGKILL')
    timer = setTimeout(() => killed.abort(), endMs)
  }
  const allowTime = (milliseconds: number) => {
    clearTimeout(timer)
    timer = setTimeout(kill, milliseconds)
  }
  child.on('message', (message: ProbeMessage) => {
    if (!child.killed) allowTime(options.timeoutMs)
    if (message.type === 'failed') failure = new SnapmintError(message.code as never, message.message, { adapter: 'opencv' })
    else if (message.type === 'found') answers.push(withoutType(message))
    else if (message.type === 'none') answers.push(undefined)
  })
  options.signal?.addEventListener('abort', kill, { once: true })
  allowTime(loadMs + options.timeoutMs)
  try {
    // A child that dies at once cannot be told: its end says so.
    child.send({ devices }, () => {})
    await ended(child, killed.signal)
  } finally {
    clearTimeout(timer)
    options.signal?.removeEventListener('abort', kill)
  }
  options.signal?.throwIfAborted()
  if (failure !== undefined) throw failure
  return answers
}

function startChild({ module, env, start = forkProbe }: ProbeOptions): ChildProcess {
  return start(module, { ...process.env, ...env })
}

function forkProbe(module: URL, env: NodeJS.ProcessEnv): ChildProcess {
  return fork(module, { stdio: ['ignore', 'ignore', 'ignore', 'ipc'], env, execArgv: [] })
}

/** Resolves when the child has ended, or is let go because it does not. */
function ended(child: ChildProcess, outOfPatience: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('close', () => resolve())
    child.on('error', (error) => {
      // Otherwise a message that could not be sent.
      if (child.pid === undefined) reject(error)
    })
    outOfPatience.addEventListener('abort', () => {
      // It keeps nobody's process alive.
      if (child.connected) child.disconnect()
      child.unref()
      resolve()
    })
  })
}

function withoutType({ width, height, frameRate }: ProbeMessage & { readonly type: 'found' }): ProbeResult {
  return { width, height, frameRate }
}
