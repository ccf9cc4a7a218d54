import { setTimeout as sleep } from 'node:timers/promises'
import { type BrokenJobs, title } from './broken-jobs.js'

const t = title

export const jobsWithBrokenLeases: Readonly<Record<string, BrokenJobs>> = {
  'never ends a lease': {
    change: ({ claim }, store) => ({
      async claim(context) {
        const claims = await claim(context)
        for (const { id } of claims) Object.assign(store.jobs.get(id) ?? {}, { at: Number.POSITIVE_INFINITY })
        return claims
      },
    }),
    timeoutMs: 1000,
    fails: [t.expiry, t.lostOutcome, t.restOfLost, t.extendReports, t.crashClaimed],
  },
  'ends leases at once': {
    change: ({ claim }) => ({ claim: (context) => claim({ ...context, leaseMs: 0 }) }),
    fails: [...[t.held, t.concurrent, t.unknown, t.retry, t.repeatedRetry, t.retryAfter], ...[t.leaseEnd, t.lostOutcome]],
  },
  'dates leases in seconds': {
    change: ({ claim }) => ({
      claim: async (context) =>
        (await claim(context)).map((claimed) => ({ ...claimed, leaseExpiresAt: (claimed.leaseExpiresAt ?? 0) / 1000 })),
    }),
    fails: [t.leaseEnd],
  },
  'dates leases by their length': {
    change: ({ claim }) => ({
      claim: async (context) => (await claim(context)).map((claimed) => ({ ...claimed, leaseExpiresAt: context.leaseMs })),
    }),
    fails: [t.leaseEnd],
  },
  'says in extend that all is well': {
    change: ({ extend }) => ({
      async extend(tokens, leaseMs, context) {
        await extend(tokens, leaseMs, context)
        return []
      },
    }),
    fails: [t.extendReports],
  },
  'reports every token as lost': {
    change: () => ({ extend: async (tokens) => tokens }),
    fails: [t.extendKeeps, t.extendReports],
  },
  'extends nothing': {
    change: ({ extend }, store) => ({
      async extend(tokens, leaseMs, context) {
        const ends = [...store.jobs.values()].map((stored) => [stored, stored.at] as const)
        const lost = await extend(tokens, leaseMs, context)
        for (const [stored, at] of ends) stored.at = at
        return lost
      },
    }),
    fails: [t.extendKeeps],
  },
  'throws when no token is to be extended': {
    change: ({ extend }) => ({
      async extend(tokens, leaseMs, context) {
        if (tokens.length === 0) throw new RangeError('no tokens')
        return extend(tokens, leaseMs, context)
      },
    }),
    fails: [t.extendNone],
  },
  'has a watch() that nobody declared': { change: () => ({}), capabilities: { watch: false }, fails: [t.methods] },
  'declares an extend() that it does not have': {
    change: () => ({ extend: undefined as never }),
    fails: [t.methods, t.extendKeeps, t.extendReports, t.extendNone],
  },
  'never wakes the watcher': {
    change: ({ watch }) => ({ watch: (_onAvailable, context) => watch(() => {}, context) }),
    timeoutMs: 1000,
    fails: [t.wakes],
  },
  'wakes the watcher only once': {
    change: ({ watch }) => ({
      watch(onAvailable, context) {
        let woken = false
        const once = () => {
          if (!woken) onAvailable()
          woken = true
        }
        return watch(once, context)
      },
    }),
    timeoutMs: 1000,
    fails: [t.wakes],
  },
  'goes on watching after the abort': {
    change: ({ watch }) => ({ watch: (onAvailable) => watch(onAvailable, { signal: new AbortController().signal }) }),
    timeoutMs: 1000,
    fails: [t.watchEnds, t.watchAborted, t.watchDeaf],
  },
  'ends its watch by itself': {
    change: ({ watch }) => ({
      async watch(onAvailable, context) {
        void watch(onAvailable, context)
        await sleep(1)
      },
    }),
    fails: [t.watchEnds],
  },
  'rejects its watch on abort': {
    change: ({ watch }) => ({
      async watch(onAvailable, context) {
        await watch(onAvailable, context)
        throw context.signal.reason
      },
    }),
    fails: [t.watchEnds, t.watchAborted],
  },
  'leaves its listener behind after the abort': {
    change: (_correct, { listeners }) => ({
      watch: (onAvailable, { signal }) =>
        new Promise((resolve) => {
          if (signal.aborted) return resolve()
          listeners.add(onAvailable)
          signal.addEventListener('abort', () => resolve(), { once: true })
        }),
    }),
    fails: [t.watchDeaf],
  },
}
