import { spawn } from 'node:child_process'
import { constants, setPriority } from 'node:os'
import { root } from './root.mjs'

/**
 * Runs a program to its end. Its output is collected; with `show` it goes to the terminal instead. A signal to this process goes to the program.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: Record<string, string | undefined>, show?: boolean, shell?: boolean, yielding?: boolean }} [options] a `yielding` program takes only
 *   what others leave of the processors
 * @returns {Promise<{ code: number, output: string }>} 127 when the program cannot be started, 128 when a signal ended it.
 */
export function run(command, args, { cwd = root, env = {}, show = false, shell = false, yielding = false } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      shell,
      env: { ...process.env, ...env },
      stdio: show ? 'inherit' : ['ignore', 'pipe', 'pipe'],
    })
    if (yielding && child.pid !== undefined) yieldToOthers(child.pid)
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text) => (output += text))
    const pass = (signal) => child.kill(signal)
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, pass)
    const finish = (result) => {
      for (const signal of ['SIGINT', 'SIGTERM']) process.off(signal, pass)
      resolve(result)
    }
    child.on('error', (error) => finish({ code: 127, output: error.message }))
    child.on('close', (code) => finish({ code: code ?? 128, output }))
  })
}

/** Those that it starts inherit it. */
function yieldToOthers(pid) {
  try {
    setPriority(pid, constants.priority.PRIORITY_LOW)
  } catch {
    // It has ended already.
  }
}

/**
 * Runs a JavaScript program with this Node.
 * @param {string} file
 * @param {readonly string[]} args
 * @param {Parameters<typeof run>[2]} [options]
 */
export const runNode = (file, args, options) => run(process.execPath, [file, ...args], options)
