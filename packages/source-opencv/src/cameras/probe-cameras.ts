import { type ChildProcess, fork } from 'node:child_process'
import { SnapmintError } from '@snapmint/core/adapter'
import type { ProbeMessage } from './probe-protocol.js'

/** How long a child may take to load OpenCV, on a busy machine, in ms. */
const loadMs = 20_000

/** What a camera answered; undefined when it could not be opened. */
export type ProbeResult = Omit<ProbeMessage & { readonly type: 'found' }, 'type'> | undefined

export interface ProbeOptions {
  /** The child's program. */
  readonly module: URL
  readonly env: Readonly<Record<string, string>>
  /** How long one camera may take, in ms. */
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
}

/**
 * Asks each device in a forked child. A driver that ends the child, or holds it for longer than `timeoutMs`, costs that device its place: the others are asked by a new child.
 * No child is left behind.
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
  const kill = () => void child.kill('SIGKILL')
  const allowTime = (milliseconds: number) => {
    clearTimeout(timer)
    timer = setTimeout(kill, milliseconds)
  }
  child.on('message', (message: ProbeMessage) => {
    allowTime(options.timeoutMs)
    if (message.type === 'failed') failure = new SnapmintError(message.code as never, message.message, { adapter: 'opencv' })
    else if (message.type === 'found') answers.push(withoutType(message))
    else if (message.type === 'none') answers.push(undefined)
  })
  options.signal?.addEventListener('abort', kill, { once: true })
  allowTime(loadMs + options.timeoutMs)
  try {
    // A child that dies at once cannot be told: its end says so.
    child.send({ devices }, () => {})
    await ended(child)
  } finally {
    clearTimeout(timer)
    options.signal?.removeEventListener('abort', kill)
  }
  options.signal?.throwIfAborted()
  if (failure !== undefined) throw failure
  return answers
}

function startChild({ module, env }: ProbeOptions): ChildProcess {
  return fork(module, { stdio: ['ignore', 'ignore', 'ignore', 'ipc'], env: { ...process.env, ...env }, execArgv: [] })
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('close', () => resolve())
    child.on('error', (error) => {
      // Otherwise a message that could not be sent.
      if (child.pid === undefined) reject(error)
    })
  })
}

function withoutType({ width, height, frameRate }: ProbeMessage & { readonly type: 'found' }): ProbeResult {
  return { width, height, frameRate }
}
