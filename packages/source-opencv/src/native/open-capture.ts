import { setImmediate as nextTurn } from 'node:timers/promises'
import { SnapmintError } from '@snapmint/core/adapter'
import { callNative, type NativeCapture, type NativeMat, type NativeModule, property, toError } from './native-module.js'

/** What a camera says of itself. Drivers leave out what they do not know: 0. */
export interface CaptureMode {
  readonly width: number
  readonly height: number
  readonly frameRate: number
  /** Four characters; empty when it is not told. */
  readonly fourcc: string
}

export interface CaptureRead {
  /** To be released by whoever reads. */
  readonly mat: NativeMat
  /** `CAP_PROP_POS_MSEC`: what it means, and whether it means anything, depends on the device. */
  readonly positionMs: number
}

/** One opened device, as safe as it can be made: one call at a time, errors that are Errors, closed when it says so. */
export interface Capture {
  /** The next picture; undefined when there is none: the device ended, fell silent or was unplugged. */
  read(): Promise<CaptureRead | undefined>
  mode(): Promise<CaptureMode>
  /** Whether the device says that it has taken the value. */
  set(name: keyof typeof property, value: number): Promise<boolean>
  /** Waits for the call under way, then closes. The device can be opened again once it has resolved. Idempotent. */
  close(): Promise<void>
}

/**
 * Opens a device. It blocks the thread until the device answers.
 * @throws the native module's own words, as an Error.
 */
export function openCapture(native: NativeModule, target: number | string, api: number): Capture {
  let capture: NativeCapture
  try {
    capture = new native.VideoCapture(target, api)
  } catch (thrown) {
    throw toError(thrown)
  }
  return guardCapture(capture)
}

function guardCapture(capture: NativeCapture): Capture {
  let tail: Promise<unknown> = Promise.resolve()
  let closed: Promise<void> | undefined

  /** Two calls that overlap on one capture abort the process (FFmpeg's `fctx->async_lock`). */
  function exclusive<T>(work: () => Promise<T>): Promise<T> {
    const result = tail.then(work)
    tail = result.catch(() => {})
    return result
  }

  function whileOpen<T>(work: () => Promise<T>): Promise<T> {
    if (closed !== undefined) return Promise.reject(new Error('The capture is closed'))
    return exclusive(work)
  }

  async function close(): Promise<void> {
    // A finished call holds the device until the native callback has returned, which is after the promises of this turn.
    await nextTurn()
    capture.release()
    await nextTurn()
  }

  return {
    read: () =>
      whileOpen(async () => {
        const mat = await callNative<NativeMat>((done) => capture.readAsync(done))
        if (mat.empty) return mat.release()
        return { mat, positionMs: capture.get(property.positionMs) }
      }) as Promise<CaptureRead | undefined>,
    mode: () =>
      whileOpen(async () => ({
        width: capture.get(property.width),
        height: capture.get(property.height),
        frameRate: capture.get(property.frameRate),
        fourcc: fourccOf(capture.get(property.fourcc)),
      })),
    set: (name, value) => whileOpen(() => callNative<boolean>((done) => capture.setAsync(property[name], value, done))),
    close: () => (closed ??= exclusive(close)),
  }
}

/** `MJPG` as the number that OpenCV takes, first character in the lowest byte. */
export function fourccNumber(fourcc: string): number {
  return [...fourcc].reduce((number, character, index) => number | (character.charCodeAt(0) << (8 * index)), 0)
}

function fourccOf(number: number): string {
  const characters = [0, 8, 16, 24].map((shift) => String.fromCharCode((number >> shift) & 0xff)).join('')
  return /^[\x20-\x7e]{4}$/.test(characters) ? characters : ''
}

/** Whatever the native module failed with, as an error that another run may mend. */
export function nativeFailure(label: string, thrown: unknown): SnapmintError {
  if (SnapmintError.isInstance(thrown)) return thrown
  return new SnapmintError('SNAPMINT_SOURCE_FAILED', `Reading ${label} failed: ${toError(thrown).message}`, {
    adapter: 'opencv',
    retryable: true,
    cause: thrown,
  })
}
