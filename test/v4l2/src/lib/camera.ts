import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { chmod, open, readdir, readlink } from 'node:fs/promises'
import { promisify } from 'node:util'
import { until } from './until.js'

const execute = promisify(execFile)

/** What every process has open, by `/proc`. Processes and files come and go meanwhile. */
async function openFiles(): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const folders = pids.map((pid) => `/proc/${pid}/fd`)
  const lists = await Promise.all(folders.map(async (folder) => ({ folder, names: await readdir(folder).catch(() => []) })))
  const links = lists.flatMap(({ folder, names }) => names.map((name) => readlink(`${folder}/${name}`).catch(() => '')))
  return Promise.all(links)
}

/** What a camera can be made to show; the driver's own numbers. */
const patterns = { bars: 0, red: 7 } as const

/** One of the driver's cameras. It gives 320 × 180 to 3840 × 2160, uncompressed only. */
export type Camera = ReturnType<typeof cameraAt>

/** @param number of the device */
function cameraAt(number: number) {
  const device = `/dev/video${number}`
  const control = (...values: readonly string[]) => execute('v4l2-ctl', ['-d', device, '-c', values.join(',')])

  return {
    device,
    /** As the kernel calls it. */
    name: `vivid-00${number}-vid-cap`,

    /** Changes what it shows from one picture to the next, without the text that the driver writes over it. */
    async show(pattern: keyof typeof patterns): Promise<void> {
      await control(`test_pattern=${patterns[pattern]}`, 'osd_text_mode=2')
    },

    /** Has any process opened it? */
    isOpen: async () => (await openFiles()).includes(device),

    /** Takes the right to open it from everybody, or gives it back to its owner. */
    permit: (permitted: boolean) => chmod(device, permitted ? 0o600 : 0),

    /** Another program streams from it. Resolves when it does; what it resolves to ends it. */
    async occupy(): Promise<() => Promise<void>> {
      // Few small pictures: the processor is for those who wait.
      const mode = ['-v', 'width=320,height=180', '-p', '2']
      const program = spawn('v4l2-ctl', ['-d', device, ...mode, '--stream-mmap', '--stream-count=0'], {
        stdio: ['ignore', 'ignore', 'pipe'],
      })
      const ended = once(program, 'exit')
      // It prints a sign for each picture.
      const first = once(program.stderr, 'data')
      await Promise.race([first, ended.then(() => Promise.reject(new Error(`v4l2-ctl could not stream from ${device}`)))])
      return async () => {
        program.kill('SIGKILL')
        await ended
      }
    },

    /**
     * Whoever has it open is told that it is gone, and so is whoever opens it. What it resolves to brings it back: the driver does so when the last one has
     * closed it, and until then this has it open.
     */
    async takeAway(): Promise<() => Promise<void>> {
      const handle = await open(device)
      await control('disconnect=1')
      return () => handle.close()
    },
  }
}

/** Cameras of the machine, one for each source. */
export const cameras = {
  ffmpeg: cameraAt(0),
  opencv: cameraAt(1),
  webcam: cameraAt(2),
}

const all = Object.values(cameras)
const driver = (action: 'bind' | 'unbind') => writeFileSync(`/sys/bus/platform/drivers/vivid/${action}`, 'vivid.0')

/** Takes all cameras out of the machine, whoever has them open: their devices are gone. */
export async function unplugAll(): Promise<void> {
  driver('unbind')
  await until('the devices are gone', () => all.every(({ device }) => !existsSync(device)))
}

export async function plugInAll(): Promise<void> {
  driver('bind')
  await until('the devices are there', () => all.every(({ device }) => existsSync(device)))
}
