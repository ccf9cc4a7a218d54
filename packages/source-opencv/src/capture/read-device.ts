import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { SnapmintError, type SnapmintErrorCode } from '@snapmint/core/adapter'
import type { DevicePlan } from '../input/plan-device.js'
import type { Capture, CaptureRead } from '../native/open-capture.js'

/** OpenCV gives up a silent device by itself; where it has no timeout, this is how much longer it gets, in ms. */
const patienceMs = 1000
/** A camera may send a picture that cannot be decoded; one that sends so many in a row is gone. */
const maxEmptyReads = 3

/**
 * Reads the next picture.
 * @returns undefined at the end of a recording.
 * @throws `SNAPMINT_SOURCE_ENDED` or `SNAPMINT_SOURCE_UNAVAILABLE` when a live device gives none.
 */
export async function readDevice(capture: Capture, plan: DevicePlan, timeoutMs: number): Promise<CaptureRead | undefined> {
  const begun = performance.now()
  for (let empty = 1; ; empty++) {
    const read = plan.live ? await readInTime(capture, plan, timeoutMs) : await capture.read()
    if (read !== undefined || !plan.live) return read
    const waitedMs = performance.now() - begun
    if (waitedMs > 0.9 * timeoutMs) throw silent(plan, timeoutMs)
    if (plan.kind !== 'camera' || empty === maxEmptyReads) throw ended(plan)
  }
}

async function readInTime(capture: Capture, plan: DevicePlan, timeoutMs: number): Promise<CaptureRead | undefined> {
  const reading = capture.read()
  const timer = new AbortController()
  const late = sleep(timeoutMs + patienceMs, 'late' as const, { signal: timer.signal })
  late.catch(() => {})
  try {
    const first = await Promise.race([reading, late])
    if (first !== 'late') return first
    // It may still come, and is nobody's then.
    reading.then((read) => read?.mat.release()).catch(() => {})
    throw silent(plan, timeoutMs)
  } finally {
    timer.abort()
  }
}

function silent(plan: DevicePlan, timeoutMs: number): SnapmintError {
  return failure('SNAPMINT_SOURCE_UNAVAILABLE', `${plan.label} has sent no picture for ${timeoutMs} ms`)
}

function ended({ kind, label, path }: DevicePlan): SnapmintError {
  const unplugged = path !== undefined && !existsSync(path)
  const what = kind !== 'camera' ? 'ended' : unplugged ? 'was unplugged' : 'gives no more pictures; it may have been unplugged'
  return failure('SNAPMINT_SOURCE_ENDED', `${label} ${what}`)
}

function failure(code: SnapmintErrorCode, message: string): SnapmintError {
  return new SnapmintError(code, message.replace(/^camera/, 'Camera'), { adapter: 'opencv', retryable: true })
}
