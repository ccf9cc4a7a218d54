import type { JobClaim, JobError, JobOutcome, Receipt } from '@snapmint/core/adapter'

type Handed = Pick<JobClaim<unknown>, 'id' | 'token'>

/** A receipt as core writes it, different for each job. */
export function makeReceipt(id: string): Receipt {
  const targetTime = 1_763_690_400_000 + id.length
  const frame = {
    source: 'easel',
    targetTime,
    captureTime: targetTime + 12.25,
    offsetMs: 12.25,
    uris: [`memory://frames/${encodeURIComponent(id)}.jpg`, `file:///frames/${encodeURIComponent(id)}.jpg`],
    mimeType: 'image/jpeg',
    bytes: 204_800,
    sha256: 'b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9',
  } as const
  return { frames: [frame] }
}

const error: JobError = { code: 'SNAPMINT_SINK_FAILED', message: 'The store answered 503 – try “again” later' }

export const done = ({ id, token }: Handed): JobOutcome => ({ status: 'done', id, token, receipt: makeReceipt(id) })

export const failed = ({ id, token }: Handed): JobOutcome => ({ status: 'failed', id, token, error })

export function retry({ id, token }: Handed, options: { retryAfterMs?: number; untried?: boolean } = {}): JobOutcome {
  return { status: 'retry', id, token, error, ...options }
}
