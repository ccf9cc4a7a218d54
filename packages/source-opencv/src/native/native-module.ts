/** A picture in OpenCV's own memory. It is freed by `release()`, and by nothing else in good time. */
export interface NativeMat {
  /** 1 when there is no picture. */
  readonly empty: number
  readonly cols: number
  readonly rows: number
  release(): void
  rotateAsync(code: number, done: NativeCallback<NativeMat>): void
  flipAsync(code: number, done: NativeCallback<NativeMat>): void
}

/** What failed comes as a string and not as an Error. */
export type NativeCallback<T> = (failure: unknown, value: T) => void

/** One opened device. One call at a time: two that overlap abort the process. */
export interface NativeCapture {
  get(property: number): number
  setAsync(property: number, value: number, done: NativeCallback<boolean>): void
  readAsync(done: NativeCallback<NativeMat>): void
  release(): void
}

/** What this adapter uses of `@u4/opencv4nodejs`' compiled part, whose functions take callbacks. */
export interface NativeModule {
  readonly version: { readonly major: number; readonly minor: number; readonly revision: number }
  readonly VideoCapture: new (device: number | string, api: number) => NativeCapture
  imencodeAsync(extension: string, mat: NativeMat, parameters: readonly number[], done: NativeCallback<Uint8Array>): void
  getBuildInformation(): string
}

/** OpenCV's numbers, from `opencv2/videoio.hpp`, `core.hpp` and `imgcodecs.hpp`. The module does not name all of them. */
export const property = { positionMs: 0, width: 3, height: 4, frameRate: 5, fourcc: 6, backend: 42 } as const
export const rotateCode = { 90: 0, 180: 1, 270: 2 } as const
export const flipCode = { horizontal: 1, vertical: 0, both: -1 } as const
export const jpegQuality = 1
/** `cv::VideoCaptureAPIs`, and the names that `OPENCV_VIDEOIO_PRIORITY_LIST` has for them. */
export const backendCodes = {
  v4l2: { api: 200, name: 'V4L2' },
  dshow: { api: 700, name: 'DSHOW' },
  avfoundation: { api: 1200, name: 'AVFOUNDATION' },
  msmf: { api: 1400, name: 'MSMF' },
  gstreamer: { api: 1800, name: 'GSTREAMER' },
  ffmpeg: { api: 1900, name: 'FFMPEG' },
} as const

/** Calls a native function with a callback at its end, as a promise. Failures become Errors. */
export function callNative<T>(call: (done: NativeCallback<T>) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    call((failure, value) => (failure ? reject(toError(failure)) : resolve(value)))
  })
}

/** The native module throws strings. */
export function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}
