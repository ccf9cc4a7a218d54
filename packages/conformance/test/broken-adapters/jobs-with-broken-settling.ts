import type { JobOutcome } from '@snapmint/core/adapter'
import { type BrokenJobs, title } from './broken-jobs.js'

const t = title

/** Changes each outcome before the reference source records it. */
function changedOutcomes(change: (outcome: JobOutcome) => JobOutcome | undefined): BrokenJobs['change'] {
  return ({ settle }) => ({
    settle: (outcomes, context) =>
      settle(
        outcomes.flatMap((outcome) => change(outcome) ?? []),
        context,
      ),
  })
}

const receipt = { frames: [] }

export const jobsWithBrokenSettling: Readonly<Record<string, BrokenJobs>> = {
  'drops every outcome': {
    change: () => ({ async settle() {} }),
    timeoutMs: 1000,
    fails: [
      ...[t.done, t.failed, t.batch, t.repeated, t.restOfUnknown, t.frozen],
      ...[t.retry, t.repeatedRetry, t.attempts, t.untried, t.retryAfter],
      ...[t.lostOutcome, t.restOfLost, t.abortSettle, t.crashClaimed, t.crashSettled],
    ],
  },
  'drops failures': {
    change: changedOutcomes((outcome) => (outcome.status === 'failed' ? undefined : outcome)),
    fails: [t.failed, t.batch, t.repeated, t.crashSettled],
  },
  'records only the first outcome of a batch': {
    change: ({ settle }) => ({ settle: (outcomes, context) => settle(outcomes.slice(0, 1), context) }),
    timeoutMs: 1000,
    fails: [t.batch, t.repeated, t.restOfUnknown, t.retryAfter, t.restOfLost, t.crashSettled],
  },
  'loses a job that is to be retried': {
    change: changedOutcomes((outcome) =>
      outcome.status === 'retry' ? { status: 'done', id: outcome.id, token: outcome.token, receipt } : outcome,
    ),
    timeoutMs: 1000,
    fails: [t.retry, t.repeatedRetry, t.attempts, t.untried, t.retryAfter, t.lostOutcome],
  },
  'counts what was given back untried': {
    change: changedOutcomes((outcome) => (outcome.status === 'retry' ? { ...outcome, untried: false } : outcome)),
    fails: [t.untried],
  },
  'ignores retryAfterMs': {
    change: changedOutcomes((outcome) => (outcome.status === 'retry' ? { ...outcome, retryAfterMs: 0 } : outcome)),
    fails: [t.retryAfter],
  },
  'settles by id, whatever the token': {
    change: ({ settle }, store) => ({
      settle: (outcomes, context) =>
        settle(
          outcomes.map((outcome) => ({ ...outcome, token: store.jobs.get(outcome.id)?.token || outcome.token })),
          context,
        ),
    }),
    fails: [t.unknown, t.repeatedRetry, t.lostOutcome],
  },
  'throws on a token that it does not know': {
    change: ({ settle }, store) => ({
      async settle(outcomes, context) {
        for (const { token } of outcomes)
          if (![...store.jobs.values()].some((stored) => stored.token === token)) throw new Error(`Unknown token ${token}`)
        return settle(outcomes, context)
      },
    }),
    fails: [t.repeated, t.unknown, t.restOfUnknown, t.repeatedRetry, t.lostOutcome, t.restOfLost, t.crashClaimed],
  },
  'gives up a batch at a token that it does not know': {
    change: ({ settle }, store) => ({
      async settle(outcomes, context) {
        const known = outcomes.findIndex(({ token }) => ![...store.jobs.values()].some((stored) => stored.token === token))
        return settle(known < 0 ? outcomes : outcomes.slice(0, known), context)
      },
    }),
    fails: [t.restOfUnknown, t.restOfLost],
  },
  'throws on an empty batch': {
    change: ({ settle }) => ({
      async settle(outcomes, context) {
        if (outcomes.length === 0) throw new RangeError('A batch write needs at least one document')
        return settle(outcomes, context)
      },
    }),
    fails: [t.emptyBatch],
  },
  'writes to the outcomes that it is given': {
    change: ({ settle }) => ({
      async settle(outcomes, context) {
        for (const outcome of outcomes) Object.assign(outcome, { settledAt: 0 })
        return settle(outcomes, context)
      },
    }),
    fails: [t.frozen],
  },
  'rounds the times of a receipt': {
    change: changedOutcomes((outcome) =>
      outcome.status === 'done'
        ? {
            ...outcome,
            receipt: {
              frames: outcome.receipt.frames.map((frame) => ({ ...frame, captureTime: Math.round(frame.captureTime) })),
            },
          }
        : outcome,
    ),
    fails: [t.frozen],
  },
  'records nothing after an aborted settle': {
    change: ({ settle }) => {
      let broken = false
      return {
        async settle(outcomes, context) {
          broken ||= context.signal.aborted
          if (!broken) await settle(outcomes, context)
        },
      }
    },
    fails: [t.abortSettle],
  },
  'cannot be closed twice': {
    change: () => {
      let closed = false
      return {
        async close() {
          if (closed) throw new Error('The client was closed already')
          closed = true
        },
      }
    },
    fails: [t.close],
  },
  'forgets everything in a crash': {
    change: ({ claim }, store) => {
      const mine = store.tokens + store.jobs.size
      if (mine > 0) store.jobs.clear()
      return { claim }
    },
    timeoutMs: 1000,
    fails: [t.crashWaiting, t.crashClaimed],
  },
  'forgets in a crash what was handed out': {
    change: (_correct, store) => {
      for (const [id, { state }] of store.jobs) if (state === 'claimed') store.jobs.delete(id)
      return {}
    },
    timeoutMs: 1000,
    fails: [t.crashClaimed],
  },
  'does everything again after a crash': {
    change: (_correct, store) => {
      for (const stored of store.jobs.values()) Object.assign(stored, { state: 'waiting', at: 0 })
      return {}
    },
    fails: [t.crashSettled],
  },
}
