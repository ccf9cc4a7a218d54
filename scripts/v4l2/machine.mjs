import { spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { run } from '../lib/run.mjs'
import { guestBegins, guestEnds } from './initial-files.mjs'

const megabytes = 2048

/** What the kernel says in between: `[  237.170237] vivid-000: disconnect`. */
const kernelsOwn = /^\[ *\d+\.\d+\] /

/** QEMU reads a comma in a value as its end, unless it is doubled. */
const share = (tag, path, more) =>
  `local,id=${tag},mount_tag=${tag},path=${path.replaceAll(',', ',,')},security_model=none,multidevs=remap${more}`

const machineArguments = ({ kernel, initialFiles, folder }) => [
  ...['-accel', 'tcg,thread=multi', '-cpu', 'max', '-smp', '2', '-m', String(megabytes)],
  ...['-display', 'none', '-monitor', 'none', '-serial', 'stdio', '-no-reboot', '-nic', 'none'],
  ...['-kernel', kernel, '-initrd', initialFiles, '-append', 'console=ttyS0 quiet panic=-1'],
  ...['-virtfs', share('host', '/', ',readonly=on'), '-virtfs', share('run', folder, '')],
]

/** With `setpriv` the machine dies with this process even when that is killed by SIGKILL. */
async function commandLine(args) {
  const program = ['qemu-system-x86_64', ...args]
  const { code } = await run('setpriv', ['--pdeathsig', 'KILL', 'true'])
  return code === 0 ? ['setpriv', '--pdeathsig', 'KILL', ...program] : program
}

/**
 * Boots the machine and waits until it has ended. It is killed at the deadline, and when this process is told to end.
 * @param {object} options
 * @param {string} options.kernel
 * @param {string} options.initialFiles
 * @param {string} options.folder the run's own: the only place where the machine can write
 * @param {string} options.log where everything goes that the machine prints
 * @param {number} options.deadlineMs
 * @param {(line: string) => void} options.onLine what the program inside prints
 * @returns {Promise<{ guestCode: number | undefined, problem: string | undefined }>} `guestCode` of the program inside, if it ended by itself.
 */
export async function runMachine({ log, deadlineMs, onLine, ...machine }) {
  const [program, ...args] = await commandLine(machineArguments(machine))
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const logFile = createWriteStream(log)
  let problem
  let guestCode
  let inside = false
  const kill = (why) => {
    problem ??= why
    child.kill('SIGKILL')
  }
  const timer = setTimeout(kill, deadlineMs, `it was not finished after ${deadlineMs / 1000} s`)
  const interrupted = (signal) => kill(`it was interrupted (${signal})`)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, interrupted)
  const read = (line) => {
    logFile.write(`${line}\n`)
    if (line.includes(guestEnds)) guestCode = Number(line.split(guestEnds)[1])
    else if (inside && guestCode === undefined && !kernelsOwn.test(line)) onLine(line)
    inside ||= line.includes(guestBegins)
  }
  createInterface({ input: child.stdout }).on('line', (line) => read(line.replace(/\r$/, '')))
  createInterface({ input: child.stderr }).on('line', (line) => logFile.write(`qemu: ${line}\n`))
  const code = await new Promise((resolve) => {
    child.on('error', (error) => {
      problem ??= error.message
      resolve(1)
    })
    child.on('close', (exitCode) => resolve(exitCode ?? 1))
  })
  clearTimeout(timer)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.off(signal, interrupted)
  await new Promise((resolve) => logFile.end(resolve))
  if (guestCode === undefined) problem ??= `it ended before its program did (QEMU's exit code ${code})`
  return { guestCode, problem }
}
