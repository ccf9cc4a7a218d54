import { type ChildProcess, spawn as spawnProcess } from 'node:child_process'

export interface ToolRunOptions {
  readonly program: string
  readonly args: readonly string[]
  readonly timeoutMs: number
  readonly signal: AbortSignal
  /** Called with what the tool says, as it says it. */
  readonly onSaid?: (text: string) => void
}

export interface ToolRun {
  /** Why it was ended, if it did not end by itself; or that it did not start. */
  readonly cut: 'timeout' | 'overflow' | 'abort' | 'not-started' | undefined
  /** Of a program that did not start: the system's code, such as `ENOENT`. */
  readonly systemCode: string | undefined
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: Uint8Array<ArrayBuffer>
  /** What it said on standard error: at most the first and the last {@link keptChars} characters. */
  readonly said: string
}

/** A picture is never larger; a program that writes more has gone mad. */
export const maxPictureBytes = 256 * 2 ** 20
const keptChars = 8192
/** A killed process that hangs in a driver ends when the driver lets go of it. Nobody waits for that. */
const mournMs = 1000

/**
 * Runs a program, without a shell, in a process group of its own, to its end, which comes at the latest after `timeoutMs`: then, on abort, and when it
 * writes too much, the whole group is killed. Never rejects.
 */
export function runTool(options: ToolRunOptions): Promise<ToolRun> {
  let child: ChildProcess
  try {
    child = start(options)
  } catch (thrown) {
    return Promise.resolve(notStarted(thrown))
  }
  return watch(child, options)
}

function watch(child: ChildProcess, { timeoutMs, signal, onSaid }: ToolRunOptions): Promise<ToolRun> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let bytes = 0
    let said = ''
    let cut: ToolRun['cut']
    let mourning: NodeJS.Timeout | undefined
    const timer = setTimeout(() => end('timeout'), timeoutMs)
    const abort = () => end('abort')

    function finish(run: ToolRun): void {
      clearTimeout(timer)
      clearTimeout(mourning)
      signal.removeEventListener('abort', abort)
      resolve(run)
    }
    function end(reason: ToolRun['cut']): void {
      if (cut !== undefined) return
      cut = reason
      killGroup(child)
      mourning = setTimeout(() => {
        letGo(child)
        finish({ cut, systemCode: undefined, code: null, signal: null, stdout: new Uint8Array(), said })
      }, mournMs)
    }

    child.on('error', (error: NodeJS.ErrnoException) => {
      // Else it is running and only could not be killed.
      if (child.pid === undefined) finish(notStarted(error))
    })
    child.on('close', (code, exitSignal) => {
      const stdout = new Uint8Array(cut === undefined ? Buffer.concat(chunks) : [])
      finish({ cut, systemCode: undefined, code, signal: exitSignal, stdout, said })
    })
    child.stdout
      ?.on('error', () => {})
      .on('data', (chunk: Buffer) => {
        bytes += chunk.length
        if (bytes <= maxPictureBytes) chunks.push(chunk)
        else end('overflow')
      })
    child.stderr
      ?.setEncoding('utf8')
      .on('error', () => {})
      .on('data', (text: string) => {
        said =
          said.length < 2 * keptChars
            ? said + text
            : `${said.slice(0, keptChars)}${(said.slice(keptChars) + text).slice(-keptChars)}`
        onSaid?.(text)
      })
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort)
  })
}

function notStarted(thrown: unknown): ToolRun {
  const { code = String(thrown) } = thrown as NodeJS.ErrnoException
  return { cut: 'not-started', systemCode: code, code: null, signal: null, stdout: new Uint8Array(), said: '' }
}

function start({ program, args }: ToolRunOptions): ChildProcess {
  return spawnProcess(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
    windowsHide: true,
    // Messages that can be understood.
    env: { ...process.env, LC_ALL: 'C' },
  })
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    if (process.platform === 'win32') child.kill('SIGKILL')
    else process.kill(-child.pid, 'SIGKILL')
  } catch {
    child.kill('SIGKILL')
  }
}

function letGo(child: ChildProcess): void {
  child.removeAllListeners('close')
  child.stdout?.destroy()
  child.stderr?.destroy()
  child.unref()
}
