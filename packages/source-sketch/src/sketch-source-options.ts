import { expectBoolean, expectKnownOptions, expectNumber, expectObject, expectOneOf } from '@snapmint/core/adapter'
import { minTimeCodeSize } from './time-code/time-code-layout.js'

export interface SketchSourceOptions {
  /** Width in pixels, from 160 to 3840. Default 1280. */
  readonly width?: number | undefined
  /** Height in pixels, from 120 to 3840; the picture is not larger than 3840 × 2160 (or upright). Default 720. */
  readonly height?: number | undefined
  /** Frames per second, above 0 up to 240; fractions allowed: 0.1 is a frame every ten seconds. Default 30. */
  readonly frameRate?: number | undefined
  /** Where date and time are printed, to the millisecond. `corner`: below the drawing at the right. `centre`: large, on a plate. Default `corner`. */
  readonly clock?: 'centre' | 'corner' | 'none' | undefined
  /** What the clock shows: the local time of the process, or UTC (with a `Z`). The time code does not depend on it. Default `local`. */
  readonly timeZone?: 'local' | 'utc' | undefined
  /** The paper: `#rrggbb`, or `random`: another paper-like tone for each sheet. Default `random`. */
  readonly background?: 'random' | `#${string}` | undefined
  /** The drawings depend on it alone: an integer from 0 to 2⁵³ − 1. Default: a new one for each source. */
  readonly seed?: number | undefined
  /** JPEG quality from 1 to 100. The time code is readable from about 10. Default 80. */
  readonly quality?: number | undefined
  /** Whether pictures carry a machine-readable time code: see `readTimeCode`. Default true. */
  readonly timeCode?: boolean | undefined
  /** How long one drawing takes, in ms, until the next sheet begins; from 1000 to 86 400 000. Default 60 000. */
  readonly sheetDurationMs?: number | undefined
}

/** All options, filled in; structured-cloneable. */
export type ResolvedSketchOptions = { readonly [Name in keyof SketchSourceOptions]-?: NonNullable<SketchSourceOptions[Name]> }

const known = [
  'width',
  'height',
  'frameRate',
  'clock',
  'timeZone',
  'background',
  'seed',
  'quality',
  'timeCode',
  'sheetDurationMs',
] as const satisfies readonly (keyof SketchSourceOptions)[]

const longestSide = 3840
const mostPixels = 3840 * 2160

/** Checks the options and fills in the defaults. */
export function resolveSketchOptions(options: SketchSourceOptions): ResolvedSketchOptions {
  expectObject('options', options)
  expectKnownOptions('sketchSource', options, known)
  const {
    width = 1280,
    height = 720,
    frameRate = 30,
    clock = 'corner',
    timeZone = 'local',
    background = 'random',
    seed = Math.floor(Math.random() * 2 ** 32),
    quality = 80,
    timeCode = true,
    sheetDurationMs = 60_000,
  } = options
  expectNumber('width', width, { min: minTimeCodeSize.width, max: longestSide, integer: true })
  expectNumber('height', height, { min: minTimeCodeSize.height, max: longestSide, integer: true })
  if (width * height > mostPixels) {
    throw new RangeError(`Expected \`width\` × \`height\` to be at most 3840 × 2160 pixels, got ${width} × ${height}`)
  }
  expectNumber('frameRate', frameRate, { min: 1e-6, max: 240 })
  expectOneOf('clock', clock, ['centre', 'corner', 'none'])
  expectOneOf('timeZone', timeZone, ['local', 'utc'])
  expectBackground(background)
  expectNumber('seed', seed, { min: 0, max: Number.MAX_SAFE_INTEGER, integer: true })
  expectNumber('quality', quality, { min: 1, max: 100, integer: true })
  expectBoolean('timeCode', timeCode)
  expectNumber('sheetDurationMs', sheetDurationMs, { min: 1000, max: 86_400_000 })
  return { width, height, frameRate, clock, timeZone, background, seed, quality, timeCode, sheetDurationMs }
}

function expectBackground(background: unknown): asserts background is ResolvedSketchOptions['background'] {
  if (background === 'random' || (typeof background === 'string' && /^#[0-9a-f]{6}$/i.test(background))) return
  throw new TypeError(
    `Expected \`background\` to be "random" or a colour like "#f7f0e3", got \`${String(background)}\` (${typeof background})`,
  )
}
