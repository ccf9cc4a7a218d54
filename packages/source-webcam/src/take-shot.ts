import { lstat, readFile, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type CaptureContext, type ImageFrame, SnapmintError } from '@snapmint/core/adapter'
import { classifyShot } from './classify-shot.js'
import { watchExposure } from './exposure-watch.js'
import { inspectPicture } from './picture.js'
import { maxPictureBytes, runTool } from './run-tool.js'
import { makeShotDirectory, removeShotDirectory } from './shot-directory.js'
import { toolFacts, webcamCommand } from './webcam-command.js'
import type { ResolvedWebcamOptions } from './webcam-source-options.js'

export interface Shot {
  readonly frame: ImageFrame<ArrayBuffer>
  /** The picture was exposed between `frame.captureTime` and so many ms later. */
  readonly exposureMs: number
  /** From the tool's start to its end. */
  readonly shotMs: number
}

/**
 * Takes one picture. Whatever happens, the tool has ended and nothing is left on disk when this settles.
 * @returns undefined when `signal` has aborted.
 */
export async function takeShot(
  options: ResolvedWebcamOptions,
  { signal, now }: Pick<CaptureContext, 'signal' | 'now'>,
): Promise<Shot | undefined> {
  const { output } = toolFacts[options.tool]
  if (output === 'stdout') return shoot(options, { signal, now }, undefined)
  const directory = await makeShotDirectory(options.timeoutMs)
  try {
    return await shoot(options, { signal, now }, join(directory, output))
  } finally {
    await removeShotDirectory(directory)
  }
}

/** CommandCam copies the path into 100 bytes without counting. */
const longestCommandCamPath = 99

async function shoot(
  options: ResolvedWebcamOptions,
  { signal, now }: Pick<CaptureContext, 'signal' | 'now'>,
  path: string | undefined,
): Promise<Shot | undefined> {
  const { tool, timeoutMs } = options
  if (tool === 'commandcam' && Buffer.byteLength(path ?? '') > longestCommandCamPath) throw pathTooLong(path ?? '')
  const label = options.device === undefined ? "(the system's own)" : JSON.stringify(options.device)
  const device = await deviceArgument(options, label)
  const { program, args } = webcamCommand(options, device, path ?? '-')
  const start = now()
  const watch = watchExposure(start, now)
  const run = await runTool({ program, args, timeoutMs, signal, onSaid: watch.read })
  const end = now()
  if (signal.aborted) return undefined
  const data = run.cut !== undefined ? new Uint8Array() : path === undefined ? run.stdout : await readPicture(path)
  const picture = inspectPicture(data)
  if (typeof picture === 'string' || run.code !== 0) {
    throw classifyShot({ tool, program, label, timeoutMs }, run, typeof picture === 'string' ? picture : 'the tool failed')
  }
  const { before, after } =
    tool === 'fswebcam' ? watch.bounds(end) : { before: Math.min(start + options.warmUpMs, end), after: end }
  const frame = { ...describe(picture, options), captureTime: before, data }
  return { frame, exposureMs: after - before, shotMs: end - start }
}

function describe(picture: Exclude<ReturnType<typeof inspectPicture>, string>, { tool, rotation }: ResolvedWebcamOptions) {
  const { mimeType, width: codedWidth, height: codedHeight } = picture
  // fswebcam has turned the pixels.
  return { mimeType, codedWidth, codedHeight, ...(tool !== 'fswebcam' && rotation !== 0 && { rotation }) }
}

/**
 * What the tool is to call the camera. A path in /dev is followed to the device itself: udev's names by place (`pci-0000:00:14.0-usb-…`) have colons, at which
 * fswebcam cuts a path.
 */
async function deviceArgument({ tool, device }: ResolvedWebcamOptions, label: string): Promise<string | undefined> {
  if (device === undefined) return undefined
  const text = String(device)
  if (tool !== 'fswebcam' || !text.startsWith('/dev/')) return text
  const path = await realpath(text).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'ENOENT' && cause.code !== 'ENOTDIR') return text
    const message = `Camera ${label} does not exist: check that it is plugged in and what it is called`
    throw new SnapmintError('SNAPMINT_SOURCE_NOT_FOUND', message, { adapter: 'webcam', retryable: true, cause })
  })
  const isDevice = await stat(path).then(
    (stats) => stats.isCharacterDevice(),
    () => true,
  )
  if (path.startsWith('/dev/') && !path.includes(':') && isDevice) return path
  const message = `Camera ${label} is no camera: it leads to ${JSON.stringify(path)}. Pictures from a file are asked for as \`file:${path}\``
  throw new SnapmintError('SNAPMINT_SOURCE_UNREADABLE', message, { adapter: 'webcam', retryable: false })
}

/** The file's bytes; none when there is no file, or a monstrous one. */
async function readPicture(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const stats = await lstat(path).catch(() => undefined)
  if (stats === undefined || !stats.isFile() || stats.size > maxPictureBytes) return new Uint8Array()
  return new Uint8Array(await readFile(path))
}

function pathTooLong(path: string): SnapmintError {
  const message = `CommandCam cannot write to ${JSON.stringify(path)}: it takes up to ${longestCommandCamPath} characters. Set TEMP to a shorter directory`
  return new SnapmintError('SNAPMINT_DIRECTORY_UNUSABLE', message, { adapter: 'webcam', retryable: false })
}
