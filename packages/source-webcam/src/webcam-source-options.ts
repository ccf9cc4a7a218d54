import { expectBoolean, expectKnownOptions, expectNumber, expectOneOf, expectString, type Rotation } from '@snapmint/core/adapter'
import type { WebcamTool } from './webcam-command.js'
import { resolveDevice } from './webcam-device.js'

export interface WebcamSourceOptions {
  /**
   * The camera.
   *
   * - fswebcam: `/dev/video0`, another path in `/dev` (`/dev/v4l/by-id/…`), or the number in `/dev/video…`; `TEST`, its test card; `file:/…`, a JPEG or
   *   PNG file that stands in for a camera. Default `/dev/video0`.
   * - imagesnap: the camera's name, or a part of it. Default: the system's camera.
   * - CommandCam: its number, from 1. Default 1.
   */
  readonly device?: string | number | undefined
  /** Width in pixels to ask the camera for, from 1 to 16,384; it may give another, which is a notice. fswebcam only. Default 1280. */
  readonly width?: number | undefined
  /** Height in pixels to ask the camera for, from 1 to 16,384. fswebcam only. Default 720. */
  readonly height?: number | undefined
  /** JPEG quality from 1 to 100. fswebcam only. Default 90. */
  readonly quality?: number | undefined
  /** Time from the start of one shot to the start of the next in ms, from 100 to 2³¹ − 1. Slots that pass during a shot are left out. Default 1000. */
  readonly intervalMs?: number | undefined
  /** So many pictures are thrown away before the one that is kept, from 0 to 1000, for the exposure to settle. fswebcam only. Default 0. */
  readonly skipFrames?: number | undefined
  /**
   * The camera runs for so many ms before the picture is taken, up to 60,000. imagesnap (default and least 1000) and CommandCam (default 2000) only.
   */
  readonly warmUpMs?: number | undefined
  /** Clockwise rotation that makes the picture upright. fswebcam turns the pixels; for the others the frame carries it. Default 0. */
  readonly rotation?: Rotation | undefined
  /** Mirrors the picture, after its rotation. fswebcam only. Default: no. */
  readonly flip?: 'horizontal' | 'vertical' | 'both' | undefined
  /** A shot that takes longer, in ms, is killed and fails; from 100 to 600,000. Default 8000. */
  readonly timeoutMs?: number | undefined
  /** Reports the exposure of each picture, not only when it has become longer. Default false. */
  readonly reportEachExposure?: boolean | undefined
  /** Default: `imagesnap` on macOS, `commandcam` on Windows, `fswebcam` elsewhere. */
  readonly tool?: WebcamTool | undefined
  /** The program. Default: found through `PATH`; for CommandCam, node-webcam's own copy. */
  readonly toolPath?: string | undefined
}

/** All options, checked, defaults filled in where the tool knows the option; structured-cloneable and valid options again. */
export interface ResolvedWebcamOptions {
  readonly device: string | number | undefined
  readonly width: number | undefined
  readonly height: number | undefined
  readonly quality: number | undefined
  readonly intervalMs: number
  readonly skipFrames: number | undefined
  readonly warmUpMs: number
  readonly rotation: Rotation
  readonly flip: WebcamSourceOptions['flip']
  readonly timeoutMs: number
  readonly reportEachExposure: boolean
  readonly tool: WebcamTool
  readonly toolPath: string | undefined
}

const known = [
  'device',
  'width',
  'height',
  'quality',
  'intervalMs',
  'skipFrames',
  'warmUpMs',
  'rotation',
  'flip',
  'timeoutMs',
  'reportEachExposure',
  'tool',
  'toolPath',
] as const satisfies readonly (keyof WebcamSourceOptions)[]

/** What a tool has no argument for. */
const unknownTo: Readonly<Record<WebcamTool, readonly (keyof WebcamSourceOptions)[]>> = {
  fswebcam: ['warmUpMs'],
  imagesnap: ['width', 'height', 'quality', 'skipFrames', 'flip'],
  commandcam: ['width', 'height', 'quality', 'skipFrames', 'flip'],
}

/** A timer's longest wait. */
const longestMs = 2 ** 31 - 1

/** @throws TypeError or RangeError naming the option that is wrong, or that the tool does not know. */
export function resolveWebcamOptions(options: WebcamSourceOptions, platform = process.platform): ResolvedWebcamOptions {
  expectKnownOptions('webcamSource', options, known)
  const { tool = platformTool(platform), toolPath, rotation = 0, flip, reportEachExposure = false } = options
  expectOneOf('tool', tool, ['fswebcam', 'imagesnap', 'commandcam'])
  refuseUnknownTo(tool, options)
  const ofFswebcam = tool === 'fswebcam'
  const {
    width = ofFswebcam ? 1280 : undefined,
    height = ofFswebcam ? 720 : undefined,
    quality = ofFswebcam ? 90 : undefined,
    warmUpMs = { fswebcam: 0, imagesnap: 1000, commandcam: 2000 }[tool],
    skipFrames,
    intervalMs = 1000,
    timeoutMs = 8000,
  } = options
  expectIfGiven('width', width, 1, 16_384)
  expectIfGiven('height', height, 1, 16_384)
  expectIfGiven('quality', quality, 1, 100)
  expectIfGiven('skipFrames', skipFrames, 0, 1000)
  expectNumber('warmUpMs', warmUpMs, { min: tool === 'imagesnap' ? 1000 : ofFswebcam ? 0 : 1, max: 60_000, integer: true })
  expectNumber('intervalMs', intervalMs, { min: 100, max: longestMs })
  expectNumber('timeoutMs', timeoutMs, { min: 100, max: 600_000 })
  if (warmUpMs >= timeoutMs) throw new RangeError(`Expected \`timeoutMs\` to be more than the ${warmUpMs} ms of \`warmUpMs\``)
  expectOneOf('rotation', rotation, [0, 90, 180, 270])
  if (flip !== undefined) expectOneOf('flip', flip, ['horizontal', 'vertical', 'both'])
  expectBoolean('reportEachExposure', reportEachExposure)
  if (toolPath !== undefined) expectProgram(toolPath)
  const device = resolveDevice(tool, options.device)
  return {
    ...{ device, width, height, quality, intervalMs, skipFrames, warmUpMs, rotation, flip, timeoutMs },
    ...{ reportEachExposure, tool, toolPath },
  }
}

function platformTool(platform: NodeJS.Platform): WebcamTool {
  return platform === 'darwin' ? 'imagesnap' : platform === 'win32' ? 'commandcam' : 'fswebcam'
}

function refuseUnknownTo(tool: WebcamTool, options: WebcamSourceOptions): void {
  for (const name of unknownTo[tool]) {
    // The 0 that this file fills in comes back when the host makes the source anew.
    if (options[name] !== undefined && !(name === 'warmUpMs' && options[name] === 0))
      throw new TypeError(
        `Option \`${name}\` is unknown to ${tool}: leave it out${name === 'warmUpMs' ? ', use `skipFrames`' : ''}`,
      )
  }
}

function expectIfGiven(name: string, value: unknown, min: number, max: number): void {
  if (value !== undefined) expectNumber(name, value, { min, max, integer: true })
}

function expectProgram(value: unknown): void {
  expectString('toolPath', value)
  if (value.includes('\0')) throw new TypeError('Expected `toolPath` to be a string without zero bytes')
}
