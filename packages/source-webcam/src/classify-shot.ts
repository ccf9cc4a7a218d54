import { SnapmintError, type SnapmintErrorCode } from '@snapmint/core/adapter'
import { maxPictureBytes, type ToolRun } from './run-tool.js'
import { toolFacts, type WebcamTool } from './webcam-command.js'

interface Rule {
  readonly pattern: RegExp
  readonly code: SnapmintErrorCode
  readonly advice: string
  readonly retryable: boolean
}

/** What the tools' own words mean; the first that matches any line. */
const rules: readonly Rule[] = [
  {
    pattern: /resource busy|already in use|Could not run filter graph/i,
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
    pattern:
      /^stat: No such file|^open: No such |: No such device|Device ".*" not found|No video devices found|capture device .* not found/i,
    code: 'SNAPMINT_SOURCE_NOT_FOUND',
    advice: 'check that it is plugged in and what it is called',
    retryable: true,
  },
  {
    pattern:
      /Not a V4L2? device|does not support capturing|Unable to find a (compatible|source module)|Unknown file format|Segment marker not found|Incomplete segment|Unable to read resolution|Unexpected end of file|IHDR chunk/i,
    code: 'SNAPMINT_SOURCE_UNREADABLE',
    advice: 'it is no camera, or of a kind that the tool does not know',
    retryable: false,
  },
  {
    pattern: /Timed out waiting|No frames captured|VIDIOC_|Unable to read a frame|Could not /i,
    code: 'SNAPMINT_SOURCE_UNAVAILABLE',
    advice: 'plug the camera in anew if it goes on',
    retryable: true,
  },
]

/** Not to be had, rather than for a moment: the program, or the right to run it. */
const missing = ['ENOENT', 'EACCES', 'EPERM', 'ENOTDIR', 'ENOEXEC', 'ELOOP', 'ENAMETOOLONG']

export interface ShotFacts {
  readonly tool: WebcamTool
  readonly program: string
  /** What the camera is called in messages. */
  readonly label: string
  readonly timeoutMs: number
}

/**
 * Tells what is wrong with a shot that left no good picture.
 * @param picture what is wrong with what it left: "it is empty".
 */
export function classifyShot({ tool, program, label, timeoutMs }: ShotFacts, run: ToolRun, picture: string): SnapmintError {
  const fail = (code: SnapmintErrorCode, what: string, retryable: boolean) =>
    new SnapmintError(code, `Camera ${label}: ${tool} ${what}`, { adapter: 'webcam', retryable })
  if (run.cut === 'not-started') {
    const what = `cannot be started as "${program}" (${run.systemCode})`
    if (!missing.includes(run.systemCode ?? '')) return fail('SNAPMINT_SOURCE_FAILED', what, true)
    return fail(
      'SNAPMINT_MISSING_DEPENDENCY',
      `${what}: ${toolFacts[tool].install}, or name the program with \`toolPath\``,
      false,
    )
  }
  const lines = saidLines(run.said)
  const rule = rules.find(({ pattern }) => lines.some((line) => pattern.test(line)))
  if (run.cut === 'timeout') {
    const what = `took no picture within ${timeoutMs} ms and was killed${quoted(lines.at(-1))}`
    return fail('SNAPMINT_SOURCE_UNAVAILABLE', `${what}; raise \`timeoutMs\` if the camera is that slow`, true)
  }
  if (run.cut === 'overflow')
    return fail('SNAPMINT_SOURCE_FAILED', `wrote more than ${maxPictureBytes} bytes and was killed`, true)
  if (rule !== undefined) {
    const line = lines.find((text) => rule.pattern.test(text))
    return fail(rule.code, `could not take a picture${quoted(line)}; ${rule.advice}`, rule.retryable)
  }
  if (run.signal !== null) return fail('SNAPMINT_SOURCE_CRASHED', `was killed by ${run.signal}${quoted(lines.at(-1))}`, true)
  if (run.code !== 0) return fail('SNAPMINT_SOURCE_FAILED', `ended with exit code ${run.code}${quoted(lines.at(-1))}`, true)
  return fail('SNAPMINT_SOURCE_UNREADABLE', `left a picture that cannot be used: ${picture}${quoted(lines.at(-1))}`, true)
}

const colours = new RegExp(`${String.fromCharCode(27)}\\[\\d*m`, 'g')

/** Errors are red in fswebcam's output: where there are any, they alone. */
export function saidLines(said: string): string[] {
  const red = `${String.fromCharCode(27)}[31m`
  const raw = said.split(/\r?\n/)
  const errors = raw.filter((line) => line.includes(red))
  return (errors.length > 0 ? errors : raw).map((line) => line.replace(colours, '').trim()).filter((line) => line !== '')
}

function quoted(line: string | undefined): string {
  return line === undefined ? '' : `: ${line.replace(/\.$/, '').slice(0, 300)}`
}
