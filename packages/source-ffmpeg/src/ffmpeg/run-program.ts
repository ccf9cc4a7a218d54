import { spawn } from 'node:child_process'

/** What a program wrote and how it ended. */
export interface ProgramResult {
  readonly stdout: string
  readonly stderr: string
  readonly code: number | null
  /** It did not start, or not end in time: a code of Node.js, such as `ENOENT`; or `ETIMEDOUT`. */
  readonly failure?: string | undefined
}

/** More output is not looked at. */
const maxTextBytes = 2 ** 20

export interface RunProgramOptions {
  readonly signal: AbortSignal
  readonly timeoutMs: number
}

/**
 * Runs a program to its end, in a process group of its own: the Ctrl-C that ends this process would else look as if the program had failed.
 * @returns what became of it, whatever that is. Rejects with the signal's reason when aborted; the program is gone then too.
 */
export function runProgram(
  path: string,
  args: readonly string[],
  { signal, timeoutMs }: RunProgramOptions,
): Promise<ProgramResult> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    let failure: string | undefined
    const child = spawn(path, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true, windowsHide: true })
    const stdout = collect(child.stdout)
    const stderr = collect(child.stderr)
    const kill = () => {
      child.kill('SIGKILL')
      // A wrapper script may leave a child behind that holds the pipes open.
      child.stdout?.destroy()
      child.stderr?.destroy()
    }
    const timer = setTimeout(() => {
      failure = 'ETIMEDOUT'
      kill()
    }, timeoutMs)
    const end = (code: number | null) => {
      clearTimeout(timer)
      signal.removeEventListener('abort', kill)
      if (signal.aborted) reject(signal.reason)
      else resolve({ stdout: stdout(), stderr: stderr(), code, failure })
    }
    signal.addEventListener('abort', kill)
    child.on('error', (error: NodeJS.ErrnoException) => {
      failure ??= error.code ?? error.name
      if (child.pid === undefined) end(null)
    })
    child.on('close', end)
  })
}

function collect(pipe: NodeJS.ReadableStream | null): () => string {
  let text = ''
  // Out of descriptors, there is no pipe.
  pipe?.setEncoding('utf8')
  pipe?.on('error', () => {})
  pipe?.on('data', (chunk: string) => {
    if (text.length < maxTextBytes) text += chunk
  })
  return () => text
}
