import { expectBoolean, expectKnownOptions, expectNumber, expectOneOf, expectString } from '@snapmint/core/adapter'

/** A part of a picture, in its own pixels, from its upper left corner. */
export interface ScreenRegion {
  /** Integer, at least 0. */
  readonly x: number
  /** Integer, at least 0. */
  readonly y: number
  /** Integer, at least 1. */
  readonly width: number
  /** Integer, at least 1. */
  readonly height: number
}

/**
 * Which window: `id`, the system's number for it, as {@link listWindows} gives it; or `title`, its whole title or, where no window has that, a part of
 * exactly one title, in upper or lower case.
 */
export type ScreenWindowChoice = { readonly id: number } | { readonly title: string }

/** What takes the pictures. */
export type ScreenEngine = 'ffmpeg' | 'native'

/** What {@link screenSource} captures, and how. */
export interface ScreenSourceOptions {
  /**
   * Which display: its `index`, `id` or `name`, as {@link listDisplays} gives them. On X11 also the name of an X screen, such as `:1` or `host:0.1`, which means
   * all of it, however many displays it spans. Default: the primary display. With `window` only the name of an X screen: where to look for it.
   */
  readonly display?: number | string | undefined
  /** Only this part of the display or window, in pixels. It has to lie inside. Default: all of it. */
  readonly region?: ScreenRegion | undefined
  /** One window instead of a display; the picture follows it. Default: none. */
  readonly window?: ScreenWindowChoice | undefined
  /** Frames per second, from 0.1 to 60, whether the picture changes or not. Default 5. */
  readonly frameRate?: number | undefined
  /** JPEG quality, from 1 to 100. Colour is kept at full resolution, for the sake of small text. Default 80. */
  readonly quality?: number | undefined
  /** Whether the mouse pointer is in the picture. Default false. */
  readonly cursor?: boolean | undefined
  /**
   * `ffmpeg`: the program FFmpeg 5.1 or later; cheapest on X11, draws the pointer. `native`: the packages node-screenshots and `@julusian/jpeg-turbo`.
   * Default `auto`: the one that suits system, rate and options best, of those that are installed.
   */
  readonly engine?: 'auto' | ScreenEngine | undefined
  /** The program FFmpeg. Default `ffmpeg`, found through `PATH`. */
  readonly ffmpegPath?: string | undefined
}

/** The options with their defaults; structured-cloneable. */
export interface ResolvedScreenOptions {
  readonly display: number | string | undefined
  readonly region: ScreenRegion | undefined
  readonly window: ScreenWindowChoice | undefined
  readonly frameRate: number
  readonly quality: number
  readonly cursor: boolean
  readonly engine: 'auto' | ScreenEngine
  readonly ffmpegPath: string
}

const known = [
  'display',
  'region',
  'window',
  'frameRate',
  'quality',
  'cursor',
  'engine',
  'ffmpegPath',
] as const satisfies readonly (keyof ScreenSourceOptions)[]
const largest = 65_535

/** @throws TypeError or RangeError naming the option that is wrong. */
export function resolveScreenOptions(options: ScreenSourceOptions): ResolvedScreenOptions {
  expectKnownOptions('screenSource', options, known)
  const { display, region, window, frameRate = 5, quality = 80, cursor = false, engine = 'auto', ffmpegPath = 'ffmpeg' } = options
  if (display !== undefined) expectDisplay(display)
  if (region !== undefined) expectRegion(region)
  if (window !== undefined) expectWindow(window)
  if (window !== undefined && display !== undefined && !isXScreenName(display))
    throw new TypeError(
      'Expected `display` with `window` to be the name of an X screen, such as ":0": a window is not bound to a display',
    )
  expectNumber('frameRate', frameRate, { min: 0.1, max: 60 })
  expectNumber('quality', quality, { min: 1, max: 100 })
  expectBoolean('cursor', cursor)
  expectOneOf('engine', engine, ['auto', 'ffmpeg', 'native'])
  expectArgument('ffmpegPath', ffmpegPath)
  return {
    display,
    region: region && { x: region.x, y: region.y, width: region.width, height: region.height },
    window: window && { ...window },
    frameRate,
    quality,
    cursor,
    engine,
    ffmpegPath,
  }
}

/** `:0`, `:0.1`, `host:0`, `unix:0`, `[::1]:0.0`: what may stand in the environment variable DISPLAY. */
export function isXScreenName(display: unknown): display is string {
  return typeof display === 'string' && /^([\w.-]*|\[[\da-f:]+\]|[\w.-]+\/[\w.-]*):\d+(\.\d+)?$/i.test(display)
}

/** @throws TypeError or RangeError. */
export function expectDisplay(display: unknown): void {
  if (typeof display === 'number') expectNumber('display', display, { min: 0, integer: true })
  else if (typeof display === 'string') expectArgument('display', display)
  else
    throw new TypeError(`Expected \`display\` to be an index, an id or a name, got ${display === null ? 'null' : typeof display}`)
}

function expectRegion(region: ScreenRegion): void {
  expectKnownOptions('region', region, ['x', 'y', 'width', 'height'])
  for (const name of ['x', 'y'] as const) expectNumber(`region.${name}`, region[name], { min: 0, max: largest, integer: true })
  for (const name of ['width', 'height'] as const)
    expectNumber(`region.${name}`, region[name], { min: 1, max: largest, integer: true })
}

function expectWindow(window: ScreenWindowChoice): void {
  expectKnownOptions('window', window, ['id', 'title'])
  const { id, title } = window as { id?: unknown; title?: unknown }
  if ((id === undefined) === (title === undefined)) throw new TypeError('Expected `window` to be either `{ id }` or `{ title }`')
  if (id !== undefined) expectNumber('window.id', id, { min: 1, max: Number.MAX_SAFE_INTEGER, integer: true })
  else expectString('window.title', title)
}

/** The operating system ends an argument at a zero byte. */
function expectArgument(name: string, value: unknown): void {
  expectString(name, value)
  if (value.includes('\0')) throw new TypeError(`Expected \`${name}\` to be a string without zero bytes`)
}
