import type { CaptureMode } from '../native/open-capture.js'
import type { OpencvSourceOptions } from '../opencv-source-options.js'

export type RequestedMode = Pick<OpencvSourceOptions, 'width' | 'height' | 'frameRate' | 'fourcc'>

interface ModeNotice {
  readonly message: string
  readonly details: {
    readonly requested: RequestedMode
    readonly actual: CaptureMode
    /** Names of the options that the camera did not heed. */
    readonly refused: readonly string[]
  }
}

/** What a camera was asked for against what it gives; undefined when it was asked for nothing. */
export function modeNotice(label: string, options: RequestedMode, actual: CaptureMode): ModeNotice | undefined {
  const { width, height, frameRate, fourcc } = options
  const requested = Object.fromEntries(
    Object.entries({ width, height, frameRate, fourcc }).filter(([, value]) => value !== undefined),
  )
  if (Object.keys(requested).length === 0) return undefined
  const refused = Object.keys(requested).filter((name) => isRefused(name as keyof RequestedMode, options, actual))
  const gives = `${label} gives ${describe(actual)}`
  const message = refused.length === 0 ? `${gives}, as asked` : `${gives}; asked for was ${describe(options)}`
  return { message, details: { requested, actual, refused } }
}

function isRefused(name: keyof RequestedMode, requested: RequestedMode, actual: CaptureMode): boolean {
  // A driver that does not tell its rate or format has not refused it.
  if (name === 'frameRate') return actual.frameRate > 0 && Math.abs(actual.frameRate - (requested.frameRate ?? 0)) > 0.5
  if (name === 'fourcc') return actual.fourcc !== '' && actual.fourcc !== requested.fourcc
  return actual[name] !== requested[name]
}

function describe({ width, height, frameRate, fourcc }: RequestedMode): string {
  const parts = [
    width === undefined ? '' : `${width} × ${height}`,
    frameRate ? `${Number(frameRate.toFixed(2))} frames/s` : '',
    fourcc ?? '',
  ]
  return parts.filter((part) => part !== '').join(', ')
}
