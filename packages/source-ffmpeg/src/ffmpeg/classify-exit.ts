import { SnapmintError, type SnapmintErrorCode } from '@snapmint/core/adapter'
import type { InputPlan } from '../input/plan-input.js'
import type { FfmpegExit } from './ffmpeg-process.js'

interface Rule {
  readonly pattern: RegExp
  readonly code: SnapmintErrorCode
  readonly advice: string
  /** Left out: yes, except for a file, which does not mend itself. */
  readonly retryable?: boolean
  readonly retryAfterMs?: number
}

/** Wrong credentials asked too often lock an account or ban an address. */
const unauthorizedRetryMs = 30_000

/** FFmpeg's exit code after SIGTERM or SIGINT. */
const toldToEnd = 255

/** What FFmpeg's own words mean; the first that matches any line. */
const rules: readonly Rule[] = [
  {
    pattern: /(returned|failed:|error) 40[13]\b|Unauthorized|Forbidden|authorization failed|access denied/i,
    code: 'SNAPMINT_SOURCE_UNAUTHORIZED',
    advice: 'check the user name, the password and what they permit',
    retryable: true,
    retryAfterMs: unauthorizedRetryMs,
  },
  {
    pattern:
      /Unrecognized option|Option \S+ not found|Unknown input format|Error (parsing|splitting|setting) .*option|not on whitelist/i,
    code: 'SNAPMINT_SOURCE_FAILED',
    advice: 'check `inputFormat` and `inputOptions`, and that this FFmpeg was built with what the input needs',
    retryable: false,
  },
  {
    pattern: /matches no streams|does not contain any stream/i,
    code: 'SNAPMINT_SOURCE_UNREADABLE',
    advice: 'it has no video stream',
  },
  {
    pattern: /resource busy|resource temporarily unavailable/i,
    code: 'SNAPMINT_SOURCE_UNAVAILABLE',
    advice: 'another program uses it',
    retryable: true,
  },
  {
    pattern: /Permission denied|Operation not permitted/i,
    code: 'SNAPMINT_SOURCE_UNREADABLE',
    advice: 'this user may not open it (on Linux, cameras need the group "video")',
    retryable: false,
  },
  {
    pattern: /No such (file or directory|device)|Could not find video device/i,
    code: 'SNAPMINT_SOURCE_NOT_FOUND',
    advice: 'check that it is plugged in and what it is called',
  },
  {
    pattern:
      /refused|timed out|timeout|reset by peer|unreachable|resolve|Name or service|No route|Broken pipe|Cannot open display|returned [45]\d\d|[45]XX|failed: [45]\d\d/i,
    code: 'SNAPMINT_SOURCE_UNAVAILABLE',
    advice: 'check the address and that the device is on',
  },
  {
    pattern: /Invalid data found|moov atom not found|could not find codec|Decoder .*not found|Decoding requested/i,
    code: 'SNAPMINT_SOURCE_UNREADABLE',
    advice: 'it is damaged, or of a kind that this FFmpeg does not know',
  },
]

/** A decoder's complaints about single pictures: of no use when something else was said. */
const noise =
  /^\[(h264|hevc|mjpeg|mpeg4|swscaler|vp[89]|av1)\b|^To ignore this|^Last message repeated|^Conversion failed|^Error (opening|submitting)/

/**
 * Tells what the end of a process means.
 * @param frames how many pictures it delivered.
 * @param startMs where it was to begin.
 * @returns undefined for a recording that was played to its end.
 */
export function classifyExit(plan: InputPlan, exit: FfmpegExit, frames: number, startMs = 0): SnapmintError | undefined {
  const { code, signal, failure } = exit
  // What the input is called says nothing about what happened to it.
  const lines = exit.lines.map((line) => line.replaceAll(plan.url, 'input'))
  const live = plan.pace === 'arrival' || (!plan.finite && !plan.loop)
  const line = usefulLine(lines)
  if (failure !== undefined) return sourceError('SNAPMINT_SOURCE_FAILED', plan, `failed: ${failure}`, { retryable: true })
  if (signal !== null)
    return sourceError('SNAPMINT_SOURCE_CRASHED', plan, `was killed by ${signal}${quoted(line)}`, { retryable: true })
  if (code === 0 && frames > 0) {
    if (!live) return undefined
    return sourceError('SNAPMINT_SOURCE_ENDED', plan, `lost it: the stream ended after ${frames} frames${quoted(line)}`, {
      retryable: true,
    })
  }
  const told = code === toldToEnd
  const rule = told && frames > 0 ? undefined : rules.find(({ pattern }) => lines.some((text) => pattern.test(text)))
  const retryable = rule?.retryable ?? plan.kind !== 'file'
  if (rule !== undefined) {
    const said = lines.find((text) => rule.pattern.test(text)) ?? ''
    const what = `${frames > 0 ? 'had to stop' : 'could not open it'}${quoted(said)}; ${rule.advice}`
    return sourceError(rule.code, plan, what, { retryable, retryAfterMs: rule.retryAfterMs })
  }
  if (code === 0) {
    if (plan.pace === 'arrival')
      return sourceError('SNAPMINT_SOURCE_ENDED', plan, `lost it before the first frame${quoted(line)}`, { retryable: true })
    const where = startMs > 0 ? `at or after \`startMs\`, ${startMs}: it may be shorter` : 'in it'
    return sourceError('SNAPMINT_SOURCE_UNREADABLE', plan, `found no picture ${where}${quoted(line)}`, { retryable })
  }
  if (told) return sourceError('SNAPMINT_SOURCE_CRASHED', plan, `was told to end${quoted(line)}`, { retryable: true })
  const kind = plan.kind === 'file' ? 'SNAPMINT_SOURCE_UNREADABLE' : 'SNAPMINT_SOURCE_FAILED'
  return sourceError(kind, plan, `ended with exit code ${code}${quoted(line)}`, { retryable })
}

function sourceError(
  code: SnapmintErrorCode,
  { label, redact }: InputPlan,
  what: string,
  options: { readonly retryable: boolean; readonly retryAfterMs?: number | undefined },
): SnapmintError {
  return new SnapmintError(code, redact(`Input "${label}": ffmpeg ${what}`), { adapter: 'ffmpeg', ...options })
}

function usefulLine(lines: readonly string[]): string | undefined {
  return lines.findLast((line) => !noise.test(line)) ?? lines.at(-1)
}

/** FFmpeg's line without the module's address in front. */
function quoted(line: string | undefined): string {
  if (line === undefined) return ''
  return `: ${line
    .replace(/^(\[[^\]]* @ [^\]]*\]\s*)+/, '')
    .replace(/^input: /, '')
    .replace(/\.$/, '')
    .slice(0, 300)}`
}
