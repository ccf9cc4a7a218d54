import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { SnapmintError, type SnapmintErrorCode } from '@snapmint/core/adapter'
import { askServer } from './ask-server.js'
import { deviceLabel } from './device-label.js'
import type { DevicePlan } from './plan-device.js'

/** Wrong credentials asked too often lock an account or ban an address. */
const unauthorizedRetryMs = 30_000
const askMs = 3000

interface Explanation {
  readonly code: SnapmintErrorCode
  readonly why: string
  readonly retryable: boolean
  readonly retryAfterMs?: number
}

/** OpenCV says "failed to open capture" and no more: this finds out why. */
export async function explainOpenFailure(plan: DevicePlan, cause: unknown, timeoutMs: number): Promise<SnapmintError> {
  const { code, why, ...rest } = await explain(plan, Math.min(timeoutMs, askMs))
  return new SnapmintError(code, `OpenCV cannot open ${plan.label}: ${why}`, { adapter: 'opencv', cause, ...rest })
}

function explain(plan: DevicePlan, timeoutMs: number): Promise<Explanation> | Explanation {
  if (plan.kind === 'camera') return explainCamera(plan)
  if (plan.kind === 'stream') return explainStream(plan, timeoutMs)
  const why = 'it is damaged, no video, or of a kind that this OpenCV does not know'
  return { code: 'SNAPMINT_SOURCE_UNREADABLE', why, retryable: plan.live }
}

async function explainCamera({ path }: DevicePlan): Promise<Explanation> {
  if (path === undefined) {
    const permission = process.platform === 'darwin' ? ', or this program may not use it (Privacy & Security › Camera)' : ''
    const why = `there is no such camera, or another program uses it${permission}`
    return { code: 'SNAPMINT_SOURCE_UNAVAILABLE', why, retryable: true }
  }
  try {
    await stat(path)
  } catch {
    const why = `${path} does not exist; check that the camera is plugged in, and its number with listCameras()`
    return { code: 'SNAPMINT_SOURCE_NOT_FOUND', why, retryable: true }
  }
  try {
    await access(path, constants.R_OK | constants.W_OK)
  } catch {
    const why = `this user may not open ${path}: add it to the group "video"`
    return { code: 'SNAPMINT_SOURCE_UNREADABLE', why, retryable: false }
  }
  const why = `another program uses ${path}, or it is no camera (many cameras have a second device without pictures)`
  return { code: 'SNAPMINT_SOURCE_UNAVAILABLE', why, retryable: true }
}

async function explainStream({ target, live }: DevicePlan, timeoutMs: number): Promise<Explanation> {
  const answer = await askServer(String(target), timeoutMs)
  if (answer === undefined) return unavailable('there is no stream, or the server does not answer')
  if ('silent' in answer) return unavailable(`the server does not answer within ${timeoutMs} ms`)
  if ('code' in answer) return unavailable(reasons[answer.code] ?? `the connection failed (${answer.code})`)
  if ('status' in answer) return explainStatus(answer.status, answer.location, live)
  return unavailable('the server can be reached and gives no video; check the path, the user name and the password')
}

function explainStatus(status: number, location: string | undefined, live: boolean): Explanation {
  if (status === 401 || status === 403)
    return {
      code: 'SNAPMINT_SOURCE_UNAUTHORIZED',
      why: `the server answers ${status}; check the user name, the password and what they permit`,
      retryable: true,
      retryAfterMs: unauthorizedRetryMs,
    }
  if (status >= 400) return unavailable(`the server answers ${status}`)
  if (status >= 300)
    return unavailable(
      `the server answers ${status} and redirects to ${placeOf(location)}, from where no video came; check the URL`,
    )
  return { code: 'SNAPMINT_SOURCE_UNREADABLE', why: 'what the server sends is no video that it knows', retryable: live }
}

/** The server's word, so only what is surely without secrets. */
function placeOf(location: string | undefined): string {
  const [, withoutFragment = ''] = /^([a-z]+:\/\/[^#]*)/i.exec(location ?? '') ?? []
  return withoutFragment === '' ? 'somewhere else' : deviceLabel(withoutFragment)
}

function unavailable(why: string): Explanation {
  return { code: 'SNAPMINT_SOURCE_UNAVAILABLE', why, retryable: true }
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused; check the address, and that the server runs',
  ENOTFOUND: 'there is no such host',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ETIMEDOUT: 'the host does not answer',
  ECONNRESET: 'the server closed the connection',
}
