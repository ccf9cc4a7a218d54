import { readdir, readFile } from 'node:fs/promises'
import { expectKnownOptions, expectNumber, expectSignal } from '@snapmint/core/adapter'
import { classifyShot, saidLines } from './classify-shot.js'
import { runTool } from './run-tool.js'
import { webcamCommand } from './webcam-command.js'
import { resolveWebcamOptions, type WebcamSourceOptions } from './webcam-source-options.js'

/** A camera that the system knows. */
export interface Webcam {
  /** For {@link WebcamSourceOptions.device}. */
  readonly device: string | number
  /** What the system calls it. */
  readonly name: string | undefined
}

export interface ListWebcamsOptions extends Pick<WebcamSourceOptions, 'tool' | 'toolPath' | 'timeoutMs'> {
  readonly signal?: AbortSignal | undefined
  /** Where Linux describes its video devices. Default `/sys/class/video4linux`. */
  readonly sysDirectory?: string | undefined
}

/**
 * The cameras of this machine. On Linux it reads what the kernel knows and opens nothing: a camera may have several devices of one name, of which the first gives
 * the pictures. On macOS and Windows it asks imagesnap and CommandCam.
 * @throws TypeError, RangeError for wrong options; `SNAPMINT_MISSING_DEPENDENCY`, `SNAPMINT_SOURCE_UNAVAILABLE`; the signal's reason.
 */
export async function listWebcams(options: ListWebcamsOptions = {}): Promise<readonly Webcam[]> {
  expectKnownOptions('listWebcams', options, ['tool', 'toolPath', 'timeoutMs', 'signal', 'sysDirectory'])
  const { signal = new AbortController().signal, sysDirectory = '/sys/class/video4linux', timeoutMs = 8000, ...rest } = options
  expectNumber('timeoutMs', timeoutMs, { min: 100, max: 600_000 })
  expectSignal('signal', signal)
  const resolved = resolveWebcamOptions(rest)
  signal.throwIfAborted()
  if (resolved.tool === 'fswebcam') return listVideoDevices(sysDirectory)
  const { tool } = resolved
  const { program } = webcamCommand(resolved, undefined, 'none')
  const run = await runTool({ program, args: [tool === 'imagesnap' ? '-l' : '/devlist'], timeoutMs, signal })
  signal.throwIfAborted()
  if (run.cut !== undefined) throw classifyShot({ tool, program, label: 'list', timeoutMs }, run, '')
  const lines = saidLines(tool === 'imagesnap' ? new TextDecoder().decode(run.stdout) : run.said)
  return tool === 'imagesnap' ? imagesnapList(lines) : commandCamList(lines)
}

async function listVideoDevices(directory: string): Promise<Webcam[]> {
  const names = await readdir(directory).catch(() => [])
  const numbers = names.flatMap((name) => /^video(\d+)$/.exec(name)?.[1] ?? []).map(Number)
  return Promise.all(
    numbers
      .sort((a, b) => a - b)
      .map(async (number) => {
        const name = await readFile(`${directory}/video${number}/name`, 'utf8').catch(() => '')
        return { device: `/dev/video${number}`, name: name.trim() === '' ? undefined : name.trim() }
      }),
  )
}

/** `=> name`; some versions: `<AVCaptureDALDevice: 0x7f… [name][id]>`. */
function imagesnapList(lines: readonly string[]): Webcam[] {
  return lines
    .filter((line) => !/^(Video Devices:|No video devices found)/i.test(line))
    .map((line) => /\[(.*?)\]/.exec(line)?.[1] ?? line.replace(/^=>\s*/, ''))
    .map((name) => ({ device: name, name }))
}

function commandCamList(lines: readonly string[]): Webcam[] {
  const heading = lines.findIndex((line) => line.startsWith('Available capture devices'))
  return heading < 0 ? [] : lines.slice(heading + 1).map((name, index) => ({ device: index + 1, name }))
}
