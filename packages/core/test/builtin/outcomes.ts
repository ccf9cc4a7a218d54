import type { JobClaim, JobOutcome, JobSource } from '../../src/spec/job-source.js'
import type { Receipt } from '../../src/spec/receipt.js'

export const signal = new AbortController().signal

export const receipt: Receipt = {
  frames: [
    {
      source: 'easel',
      targetTime: 1_763_688_000_000,
      captureTime: 1_763_688_000_010,
      offsetMs: 10,
      uris: ['memory:easel/1763688000010.jpg'],
      mimeType: 'image/jpeg',
      bytes: 3,
      sha256: 'ab'.repeat(32),
    },
  ],
}

type Named = Pick<JobClaim, 'id' | 'token'>

export function done({ id, token }: Named): JobOutcome {
  return { status: 'done', id, token, receipt }
}

export function failed({ id, token }: Named): JobOutcome {
  return { status: 'failed', id, token, error: { code: 'SNAPMINT_SINK_FAILED', message: 'The sink is gone' } }
}

export function retry({ id, token }: Named, extra: { retryAfterMs?: number; untried?: boolean } = {}): JobOutcome {
  return { status: 'retry', id, token, error: { code: 'SNAPMINT_SINK_TIMEOUT', message: 'The sink did not answer' }, ...extra }
}

export function claim<J>(jobs: JobSource<J>, max = 100, leaseMs = 60_000): Promise<readonly JobClaim<J>[]> {
  return jobs.claim({ max, leaseMs, signal })
}

/** The next claim, which must be there. */
export async function claimOne<J>(jobs: JobSource<J>, leaseMs = 60_000): Promise<JobClaim<J>> {
  const [first] = await claim(jobs, 1, leaseMs)
  if (first === undefined) throw new Error('no job was waiting')
  return first
}

export function settle(jobs: Pick<JobSource<never>, 'settle'>, ...outcomes: JobOutcome[]): Promise<void> {
  return jobs.settle(outcomes, { signal })
}
