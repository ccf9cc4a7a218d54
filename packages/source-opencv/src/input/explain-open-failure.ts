import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { SnapmintError, type SnapmintErrorCode } from '@snapmint/core/adapter'
import { askServer } from './ask-server.js'
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
  const unavailable = (why: string) => ({ code: 'SNAPMINT_SOURCE_UNAVAILABLE', why, retryable: true }) as const
  if (answer === undefined) return unavailable('there is no stream, or the server does not answer')
  if ('silent' in answer) return unavailable(`the server does not answer within ${timeoutMs} ms`)
  if ('code' in answer) return unavailable(reasons[answer.code] ?? `the connection failed (${answer.code})`)
  if ('status' in answer) {
    if (answer.status === 401 || answer.status === 403)
      return {
        code: 'SNAPMINT_SOURCE_UNAUTHORIZED',
        why: `the server answers ${answer.status}; check the user name, the password and what they permit`,
        retryable: true,
        retryAfterMs: unauthorizedRetryMs,
      }
    if (answer.status >= 400) return unavailable(`the server answers ${answer.status}`)
    return { code: 'SNAPMINT_SOURCE_UNREADABLE', why: 'what the server sends is no video that it knows', retryable: live }
  }
  return unavailable('the server can be reached and gives no video; check the path, the user name and the password')
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused; check the address, and that the server runs',
  ENOTFOUND: 'there is no such host',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ETIMEDOUT: 'the host does not answer',
  ECONNRESET: 'the server closed the connection',
}
