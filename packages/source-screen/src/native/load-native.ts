import { screenError } from '../screen-error.js'

/** What this package uses of node-screenshots. */
export interface ScreenshotImage {
  readonly width: number
  readonly height: number
  crop(x: number, y: number, width: number, height: number): Promise<ScreenshotImage>
  /** RGBA, without padding. */
  toRaw(copyOutputData?: boolean): Promise<Buffer>
}
export interface ScreenshotMonitor {
  id(): number
  name(): string
  x(): number
  y(): number
  width(): number
  height(): number
  scaleFactor(): number
  isPrimary(): boolean
  captureImage(): Promise<ScreenshotImage>
}
export interface ScreenshotWindow {
  id(): number
  title(): string
  x(): number
  y(): number
  width(): number
  height(): number
  isMinimized(): boolean
  captureImage(): Promise<ScreenshotImage>
}
export interface Screenshots {
  readonly Monitor: { all(): ScreenshotMonitor[] }
  readonly Window: { all(): ScreenshotWindow[] }
}

/** What this package uses of `@julusian/jpeg-turbo`. */
export interface JpegEncoder {
  readonly FORMAT_RGBA: number
  readonly SAMP_444: number
  compress(
    raw: Buffer,
    options: {
      readonly format: number
      readonly width: number
      readonly height: number
      readonly subsampling: number
      readonly quality: number
    },
  ): Promise<Buffer>
}

/** @throws `SNAPMINT_MISSING_DEPENDENCY` */
export const loadScreenshots = () => load<Screenshots>('node-screenshots', () => import('node-screenshots'))

/** @throws `SNAPMINT_MISSING_DEPENDENCY` */
export const loadJpegEncoder = () => load<JpegEncoder>('@julusian/jpeg-turbo', () => import('@julusian/jpeg-turbo'))

async function load<T>(name: string, importIt: () => Promise<unknown>): Promise<T> {
  try {
    const loaded = (await importIt()) as T & { readonly default?: T }
    return loaded.default ?? loaded
  } catch (cause) {
    const { message, code } = cause as NodeJS.ErrnoException
    const why = code === 'ERR_MODULE_NOT_FOUND' ? 'is not installed' : `cannot be loaded (${String(message).split('\n')[0]})`
    const advice =
      'Install both packages: `npm install node-screenshots@0.2 @julusian/jpeg-turbo@2.3.0`; on X11 FFmpeg 5.1 or later does without them'
    throw screenError('SNAPMINT_MISSING_DEPENDENCY', `The package ${name}, which reads the screen here, ${why}. ${advice}`, {
      retryable: false,
      cause,
    })
  }
}
