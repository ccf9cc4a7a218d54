/// <reference path="./node-webcam.d.ts" />
import nodeWebcam from 'node-webcam'
import type { ResolvedWebcamOptions } from './webcam-source-options.js'

/** The program that takes the pictures. */
export type WebcamTool = 'fswebcam' | 'imagesnap' | 'commandcam'

export interface ToolFacts {
  /** node-webcam's name of its driver. */
  readonly platform: string
  /** Where the picture comes out: on standard output, or in a file of this name. */
  readonly output: 'stdout' | 'picture.jpg' | 'picture.bmp'
  /** Ends "… cannot be started: ". */
  readonly install: string
  /** It waits so long, in ms, between its start and the shutter when nothing else is asked for. */
  readonly ownWarmUpMs: number
}

export const toolFacts: Readonly<Record<WebcamTool, ToolFacts>> = {
  fswebcam: {
    platform: 'fswebcam',
    output: 'stdout',
    install: 'install the package fswebcam (sudo apt install fswebcam)',
    ownWarmUpMs: 0,
  },
  imagesnap: {
    platform: 'darwin',
    output: 'picture.jpg',
    install: 'install the package imagesnap (brew install imagesnap)',
    ownWarmUpMs: 1000,
  },
  commandcam: {
    platform: 'win32',
    output: 'picture.bmp',
    install:
      'node-webcam downloads CommandCam.exe when its install script may run (npm rebuild node-webcam; pnpm approve-builds; yarn: enableScripts)',
    ownWarmUpMs: 2000,
  },
}

export interface WebcamCommand {
  readonly program: string
  readonly args: readonly string[]
}

/** Stand for what the user or the system chose while node-webcam writes its command line for a shell, which no such value ever enters. */
const devicePlaceholder = 'SNAPMINT-DEVICE'
const locationPlaceholder = 'SNAPMINT-LOCATION'

/**
 * The program and its arguments for one shot, as node-webcam composes them for the platform, but as a list: there is no shell.
 * @param location where the picture goes: a path, or `-` for standard output.
 */
export function webcamCommand(options: ResolvedWebcamOptions, device: string | undefined, location: string): WebcamCommand {
  const { tool, width, height, quality, skipFrames, warmUpMs, rotation, toolPath } = options
  const webcam = nodeWebcam.Factory.create(
    {
      width,
      height,
      quality,
      output: 'jpeg',
      ...(tool === 'fswebcam' ? { rotation, skip: skipFrames } : { delay: warmUpMs / 1000 }),
      device: device === undefined ? undefined : devicePlaceholder,
      // fswebcam says what it is doing; that dates the picture.
      verbose: true,
    },
    toolFacts[tool].platform,
  )
  const [program = webcam.bin, ...args] = splitCommandLine(webcam.generateSh(locationPlaceholder)).map((word) =>
    word === devicePlaceholder && device !== undefined ? device : word === locationPlaceholder ? location : word,
  )
  return { program: toolPath ?? program, args: withFlip(args, options) }
}

/** fswebcam works through its arguments in their order: flip last, then write. */
function withFlip(args: readonly string[], { flip }: ResolvedWebcamOptions): string[] {
  const direction = flip === undefined ? [] : ['--flip', { horizontal: 'h', vertical: 'v', both: 'h,v' }[flip]]
  return [...args.slice(0, -1), ...direction, ...args.slice(-1)]
}

/** Words as a shell would see them: separated by blanks, quoted with ' or ". Nothing else occurs: all that varies is numbers and placeholders. */
function splitCommandLine(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, double, single, plain]) => double ?? single ?? plain ?? '')
}
