import { abandoned } from '../delivery/job-outcome.js'
import { type ClaimDesk, createClaimDesk } from '../jobs/claim-desk.js'
import { startClaimLoop } from '../jobs/claim-loop.js'
import { createClaimRoom } from './claim-room.js'
import { createMoments } from './moments.js'
import type { RouteStatus } from './pipeline-status.js'
import type { RouteContext } from './route-context.js'
import { routeDefaults } from './route-options.js'
import { createClaimServer } from './serve-claim.js'

export interface RunningRoute {
  status(): RouteStatus
  /** Claims no more, delivers what is under way for up to `drainTimeoutMs`, hands the rest back. Never rejects. */
  stop(drainTimeoutMs: number): Promise<void>
}

/** How long `stop` tries to report the last outcomes to a job source that does not answer, in ms. */
const LAST_SETTLE_MS = 5_000

/** Runs one route: claims batch after batch, serves each claim, reports each outcome. */
export function startRoute(context: RouteContext): RunningRoute {
  const { name, route, sources, events, holds, now, random } = context
  const options = { ...routeDefaults, ...route }
  const { jobs, leaseMs } = options
  const moments = createMoments(options, now)
  const room = createClaimRoom({ ...options, sources, inFlight: () => desk.size, waiting: () => moments.size })
  const onRoom = () => loop.roomMade()
  const desk: ClaimDesk = createClaimDesk({
    ...{ route: name, jobs, leaseMs, random, emit: events.emit, onFree: onRoom },
    ...(holds !== undefined && { onLeft: holds.left }),
  })
  const serve = createClaimServer(context, room, moments, onRoom)
  const loop = startClaimLoop({
    jobs,
    leaseMs,
    random,
    maxBatch: options.claimMax,
    capacity: room.capacity,
    onUnavailable: desk.unavailable,
    onClaims(claims, claimedAt) {
      events.emit('jobs:claimed', { route: name, count: claims.length })
      for (const claim of claims) {
        const work = desk.take(claim, claimedAt)
        if (work !== undefined) void serve(work).then(desk.settle)
      }
    },
  })

  return {
    status: () => ({ ...desk.counts(), waiting: moments.size, heldBytes: room.heldBytes() }),
    async stop(drainTimeoutMs) {
      const deadline = performance.now() + drainTimeoutMs
      moments.endAt(now() + drainTimeoutMs)
      await loop.stop()
      desk.cancel(({ waitingFor }) => waitingFor !== undefined && waitingFor > now() + drainTimeoutMs, abandoned)
      await desk.idle(Math.max(0, deadline - performance.now()))
      desk.cancel(() => true, abandoned)
      // Every cancelled job reaches its outcome within this turn; then the last report.
      await new Promise((resolve) => setImmediate(resolve))
      await desk.close(LAST_SETTLE_MS)
    },
  }
}
