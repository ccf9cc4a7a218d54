import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** FFmpeg that reads an input and throws it away: the least that reading costs it. */
export function startFfmpegCopy(input: string): { readonly pid: number; stop(): Promise<void> } {
  const transport = input.startsWith('rtsp:') ? ['-rtsp_transport', 'tcp'] : []
  const args = ['-nostdin', '-hide_banner', '-loglevel', 'error', ...transport, '-i', input, '-c', 'copy', '-f', 'null', '-']
  const child = spawn('ffmpeg', args, { stdio: ['ignore', 'ignore', 'inherit'] })
  return {
    pid: child.pid ?? 0,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    },
  }
}
