import { setTimeout as sleep } from 'node:timers/promises'
import { type BrokenJobs, title } from './broken-jobs.js'

const t = title

export const jobsWithBrokenClaims: Readonly<Record<string, BrokenJobs>> = {
  'answers undefined when no job waits': {
    change: ({ claim }) => ({
      async claim(context) {
        const claims = await claim(context)
        return claims.length > 0 ? claims : (undefined as unknown as [])
      },
    }),
    fails: [t.empty],
  },
  'waits for a job when the queue is empty': {
    change: ({ claim }, { jobs }) => ({ claim: (context) => (jobs.size === 0 ? new Promise(() => {}) : claim(context)) }),
    timeoutMs: 1000,
    fails: [t.empty],
  },
  'hands out more than max': {
    change: ({ claim }) => ({ claim: (context) => claim({ ...context, max: context.max + 1 }) }),
    timeoutMs: 1000,
    fails: [t.max],
  },
  'gives every hand-out the same token': {
    change: ({ claim }, store) => ({
      async claim(context) {
        const claims = await claim(context)
        for (const { id } of claims) Object.assign(store.jobs.get(id) ?? {}, { token: `token of ${id}` })
        return claims.map((claimed) => ({ ...claimed, token: `token of ${claimed.id}` }))
      },
    }),
    fails: [t.retry, t.repeatedRetry, t.expiry, t.lostOutcome, t.extendReports, t.crashClaimed],
  },
  'gives all hand-outs of a batch one token': {
    change: ({ claim, settle, extend }, store) => {
      const batches = new Map<string, { id: string; token: string }[]>()
      return {
        async claim(context) {
          const claims = await claim(context)
          const batch = `batch-${store.tokens}`
          if (claims.length > 0) batches.set(batch, [...claims])
          return claims.map((claimed) => ({ ...claimed, token: batch }))
        },
        settle(outcomes, context) {
          const own = outcomes.map((outcome) => ({
            ...outcome,
            token: batches.get(outcome.token)?.find(({ id }) => id === outcome.id)?.token ?? outcome.token,
          }))
          return settle(own, context)
        },
        async extend(tokens, leaseMs, context) {
          const own = new Map(
            tokens.flatMap((token) => (batches.get(token) ?? [{ token }]).map((claimed) => [claimed.token, token])),
          )
          const lost = await extend([...own.keys()], leaseMs, context)
          return lost.map((token) => own.get(token) ?? token)
        },
      }
    },
    fails: [t.tokens],
  },
  'hands out a job that is handed out': {
    change: ({ claim }, store) => ({
      async claim(context) {
        const claims = await claim(context)
        for (const { id } of claims) Object.assign(store.jobs.get(id) ?? {}, { at: 0 })
        return claims
      },
    }),
    fails: [t.held, t.unknown, t.retry, t.repeatedRetry, t.retryAfter, t.lostOutcome],
  },
  'hands out a job to two claims at the same time': {
    change: ({ claim }, store) => ({
      // Reads, then writes: what a query followed by an update does.
      async claim(context) {
        const found = [...store.jobs.values()]
          .filter(({ state, at }) => state === 'waiting' && at <= store.now)
          .slice(0, context.max)
        await sleep(1)
        if (found.length === 0) return claim(context)
        return found.map((stored) => {
          store.tokens += 1
          Object.assign(stored, {
            state: 'claimed',
            attempt: stored.attempt + 1,
            token: `token-${store.tokens}`,
            at: store.now + context.leaseMs,
          })
          return { id: stored.id, token: stored.token, job: stored.job, attempt: stored.attempt, leaseExpiresAt: stored.at }
        })
      },
    }),
    fails: [t.concurrent],
  },
  'changes the id with each redelivery': {
    change: ({ claim }) => ({
      claim: async (context) =>
        (await claim(context)).map((claimed) =>
          claimed.attempt === 1 ? claimed : { ...claimed, id: `${claimed.id}#${claimed.attempt}` },
        ),
    }),
    fails: [t.retry, t.retryAfter, t.expiry, t.restOfLost, t.extendReports, t.crashClaimed],
  },
  'says attempt 1 for ever': {
    change: ({ claim }) => ({ claim: async (context) => (await claim(context)).map((claimed) => ({ ...claimed, attempt: 1 })) }),
    fails: [t.attempts, t.expiry],
  },
  'counts attempts from 0': {
    change: ({ claim }) => ({
      claim: async (context) => (await claim(context)).map((claimed) => ({ ...claimed, attempt: claimed.attempt - 1 })),
    }),
    fails: [t.handsOut, t.attempts, t.untried, t.expiry],
  },
  'hands out another job than was filed': {
    change: ({ claim }) => ({
      claim: async (context) => (await claim(context)).map((claimed) => ({ ...claimed, job: { targetTime: 0 } })),
    }),
    fails: [t.handsOut],
  },
  'reports an aborted claim as an error of its own': {
    change: ({ claim }) => ({
      async claim(context) {
        if (context.signal.aborted) throw new Error('the connection was closed')
        return claim(context)
      },
    }),
    fails: [t.abortReason],
  },
  'loses the jobs of an aborted claim': {
    change: ({ claim }, store) => ({
      async claim(context) {
        const claims = await claim({ ...context, signal: new AbortController().signal })
        if (!context.signal.aborted) return claims
        for (const { id } of claims) Object.assign(store.jobs.get(id) ?? {}, { at: Number.POSITIVE_INFINITY })
        throw context.signal.reason
      },
    }),
    timeoutMs: 1000,
    fails: [t.abortLoses],
  },
  'never settles an aborted claim': {
    change: ({ claim }) => ({ claim: (context) => (context.signal.aborted ? new Promise(() => {}) : claim(context)) }),
    timeoutMs: 1000,
    fails: [t.abortLoses, t.abortReason],
  },
  'overlooks a job among many': {
    change: ({ claim }, { jobs }) => ({
      async claim(context) {
        const overlooked = jobs.get('job-150')
        if (overlooked) overlooked.at = Number.POSITIVE_INFINITY
        return claim(context)
      },
    }),
    fails: [t.many],
  },
  'hands out a job among many twice': {
    change: ({ settle }, { jobs }) => ({
      async settle(outcomes, context) {
        await settle(outcomes, context)
        for (const { id } of outcomes) if (id === 'job-70') Object.assign(jobs.get(id) ?? {}, { state: 'waiting', at: 0 })
      },
    }),
    fails: [t.many],
  },
  'finds no jobs when the service is down': { change: () => ({}), claimWhenDown: async () => [], fails: [t.down] },
  'throws an error without a class when the service is down': {
    change: () => ({}),
    claimWhenDown: () => Promise.reject(new TypeError('fetch failed')),
    fails: [t.down],
  },
  'says nothing of its name': { change: () => ({ adapter: '' }), fails: [t.identity] },
  'sweeps every 0 ms': { change: () => ({ sweepMs: 0 }), fails: [t.identity] },
}
