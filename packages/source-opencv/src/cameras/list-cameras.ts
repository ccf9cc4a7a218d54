import { expectKnownOptions, expectNumber, expectSignal } from '@snapmint/core/adapter'
import { planDevice } from '../input/plan-device.js'
import { nativeEnvironment } from '../native/native-environment.js'
import { cameraCandidates } from './camera-candidates.js'
import { probeCameras } from './probe-cameras.js'

/** A camera that could be opened. */
export interface Camera {
  /** What `opencvSource` takes as its `device`: a path on Linux, a number elsewhere. */
  readonly device: number | string
  /** As the system calls it; undefined where the system does not tell (macOS, Windows). */
  readonly name: string | undefined
  /** Width in pixels of the mode that it starts with. */
  readonly width: number
  /** Height in pixels of the mode that it starts with. */
  readonly height: number
  /** Frames per second of that mode; undefined where the driver does not tell. */
  readonly frameRate: number | undefined
}

export interface ListCamerasOptions {
  /** How long one camera may take, in ms, from 100 to 600,000. Default 5000. */
  readonly timeoutMs?: number | undefined
  /** Ends the search. */
  readonly signal?: AbortSignal | undefined
}

/**
 * The cameras of this machine that can be opened now. Each is opened for a moment, in a process of its own, which ends before this resolves: a driver that crashes or hangs harms
 * nobody. A camera that another program uses is left out, and so are the second devices, without pictures, of many cameras.
 *
 * A process that a driver holds in the kernel cannot be ended: it is waited for no longer than a second after `timeoutMs`, or after an abort.
 *
 * @throws `SNAPMINT_MISSING_DEPENDENCY` when OpenCV is missing and there is something to probe; the signal's reason after an abort; TypeError, RangeError for options that are wrong.
 */
export async function listCameras(options: ListCamerasOptions = {}): Promise<Camera[]> {
  expectKnownOptions('listCameras', options, ['timeoutMs', 'signal'])
  const { timeoutMs = 5000, signal } = options
  expectNumber('timeoutMs', timeoutMs, { min: 100, max: 600_000 })
  if (signal !== undefined) expectSignal('signal', signal)
  signal?.throwIfAborted()
  const candidates = await cameraCandidates()
  const results = await probeCameras(
    candidates.map(({ device }) => device),
    {
      module: new URL('./opencv-probe.js', import.meta.url),
      env: nativeEnvironment(planDevice({ device: 0 }), timeoutMs),
      timeoutMs,
      signal,
    },
  )
  return candidates.flatMap((candidate, index) => {
    const result = results[index]
    if (result === undefined) return []
    return { ...candidate, ...result, frameRate: result.frameRate > 0 ? result.frameRate : undefined }
  })
}
