import { SnapmintError } from '../../errors/snapmint-error.js'
import { errorNumber } from '../../util/durable-files.js'

interface Verdict {
  readonly code: 'SNAPMINT_SINK_FULL' | 'SNAPMINT_SINK_FORBIDDEN' | 'SNAPMINT_SINK_KEY_INVALID' | 'SNAPMINT_DIRECTORY_UNUSABLE'
  readonly advice: string
  readonly retryable: boolean
}

const full: Verdict = { code: 'SNAPMINT_SINK_FULL', advice: 'the disk or the quota is full; free some space', retryable: true }
const forbidden: Verdict = {
  code: 'SNAPMINT_SINK_FORBIDDEN',
  advice: 'give the process the right to write there, or choose another directory',
  retryable: false,
}
const blocked: Verdict = {
  code: 'SNAPMINT_DIRECTORY_UNUSABLE',
  advice: 'there is a file where a folder is needed; move it away, or choose another directory',
  retryable: false,
}

const verdicts: Readonly<Record<string, Verdict>> = {
  ENOSPC: full,
  EDQUOT: full,
  EACCES: forbidden,
  EPERM: forbidden,
  EROFS: forbidden,
  ENOTDIR: blocked,
  EEXIST: blocked,
  ENAMETOOLONG: { code: 'SNAPMINT_SINK_KEY_INVALID', advice: 'the path is too long; shorten the template', retryable: false },
}

/** Classifies what the file system said. What is a SnapmintError already stays as it is. */
export function toSinkError(error: unknown, path: string): unknown {
  if (SnapmintError.isInstance(error)) return error
  const number = errorNumber(error)
  const verdict = number === undefined ? undefined : verdicts[number]
  const reason = error instanceof Error ? error.message : String(error)
  const message = `Could not store ${path}: ${verdict === undefined ? reason : `${verdict.advice} (${reason})`}`
  return new SnapmintError(verdict?.code ?? 'SNAPMINT_SINK_FAILED', message, {
    cause: error,
    adapter: 'directory',
    retryable: verdict?.retryable ?? true,
  })
}
