import { createDeliveryBoard } from '../delivery/delivery-board.js'
import { abandoned, isPassing, outcomeOf } from '../delivery/job-outcome.js'
import { isCaptured, notDue, untilCaptured } from '../delivery/moment.js'
import { createPutter, putDefaults } from '../delivery/put-media.js'
import { renderSnapshot } from '../delivery/render.js'
import { type CheckedRequest, type Select, selectFrames } from '../delivery/select-frames.js'
import type { SourceAccess } from '../delivery/source-access.js'
import { type ClaimDesk, createClaimDesk, type Work } from '../jobs/claim-desk.js'
import { startClaimLoop } from '../jobs/claim-loop.js'
import type { EventBus } from '../observe/event-bus.js'
import type { EpochMs } from '../spec/frame.js'
import type { Job } from '../spec/job-source.js'
import type { DeliveredFrame } from '../spec/receipt.js'
import { createClaimRoom } from './claim-room.js'
import type { RouteStatus } from './pipeline-status.js'
import { applyRender } from './render-step.js'
import { type AnyRoute, routeDefaults } from './route-options.js'

export interface RouteContext {
  readonly name: string
  readonly route: AnyRoute
  readonly sources: ReadonlyMap<string, SourceAccess>
  readonly events: EventBus
  now(): EpochMs
  clockErrorMs(): number | undefined
  readonly random: () => number
}

export interface RunningRoute {
  status(): RouteStatus
  /** Claims no more, delivers what is under way for up to `drainTimeoutMs`, hands the rest back. Never rejects. */
  stop(drainTimeoutMs: number): Promise<void>
}

/** How long `stop` tries to report the last outcomes to a job source that does not answer. */
const LAST_SETTLE_MS = 5_000

/** Runs one route: claims batch after batch, serves each claim, reports each outcome. */
export function startRoute(context: RouteContext): RunningRoute {
  const { name, route, sources, events, now, random } = context
  const options = { ...routeDefaults, ...route }
  const { jobs, leaseMs } = options
  const room = createClaimRoom({ ...options, sources, inFlight: () => desk.size, waiting: () => moments.size })
  const desk: ClaimDesk = createClaimDesk({
    route: name,
    jobs,
    leaseMs,
    now,
    random,
    emit: events.emit,
    onFree: () => loop.wake(),
  })
  const moments = createMoments(options, now)
  const serve = createServer(context, room, moments, () => loop.wake())
  const loop = startClaimLoop({
    jobs,
    leaseMs,
    random,
    maxBatch: options.claimMax,
    capacity: room.capacity,
    onUnavailable: desk.unavailable,
    onClaims(claims) {
      events.emit('jobs:claimed', { route: name, count: claims.length })
      for (const claim of claims) {
        const work = desk.take(claim)
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

type Moments = ReturnType<typeof createMoments>

/** The jobs that wait for a coming moment. */
function createMoments({ waitMs, maxWaiting }: { readonly waitMs: number; readonly maxWaiting: number }, now: () => EpochMs) {
  let size = 0
  let end = Number.POSITIVE_INFINITY
  return {
    get size() {
      return size
    },
    /** The pipeline stops at `time`: moments after it do not come any more. */
    endAt(time: EpochMs): void {
      end = time
    },
    async wait(source: SourceAccess, targetTime: EpochMs, work: Work): Promise<void> {
      if (targetTime > end) throw abandoned()
      if (size >= maxWaiting) throw notDue(targetTime, 1_000)
      const abort = new AbortController()
      const onCancel = (reason: unknown) => abort.abort(reason)
      work.onCancel.add(onCancel)
      work.waitingFor = targetTime
      size++
      try {
        await untilCaptured(source, targetTime, { waitMs, now }, abort.signal)
      } finally {
        size--
        work.waitingFor = undefined
        work.onCancel.delete(onCancel)
      }
    },
  }
}

/** Serves one claim: what does it want, wait for it, deliver it, and say what became of it. */
function createServer(context: RouteContext, room: ReturnType<typeof createClaimRoom>, moments: Moments, onRoom: () => void) {
  const { name, route, sources, events, random } = context
  const select = (route.select ?? selectByJob) as Select<unknown>
  const names = [...sources.keys()]
  const put = { ...putDefaults, ...route.put }
  const board = createDeliveryBoard({
    putters: route.sinks.map((sink) => createPutter({ route: name, sink, options: put, emit: events.emit, random })),
    render: async (source, held, signal) =>
      applyRender(route.render, await renderSnapshot(source.name, held, source.decoder, signal), signal),
    onHeldBytes(change) {
      room.hold(change)
      if (change < 0) onRoom()
    },
    clockErrorMs: context.clockErrorMs,
  })

  async function deliver(request: CheckedRequest, work: Work): Promise<DeliveredFrame> {
    const source = sources.get(request.source)!
    // No await while the frame is there: it is copied out before anything else can happen.
    if (!isCaptured(source, request.targetTime)) await moments.wait(source, request.targetTime, work)
    const { delivered, leave } = board.deliver(source, request, work.claim.id)
    work.onCancel.add(leave)
    return delivered.finally(() => work.onCancel.delete(leave))
  }

  return async function serve(work: Work) {
    const { id, token, job } = work.claim
    try {
      const requests = selectFrames(job, select, names, route)
      const results = await Promise.allSettled(requests.map((request) => deliver(request, work)))
      const errors = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []))
      if (errors.length > 0) throw errors.find((error) => !isPassing(error)) ?? errors[0]
      const frames = results.map((result) => (result as PromiseFulfilledResult<DeliveredFrame>).value)
      return { status: 'done', id, token, receipt: { frames } } as const
    } catch (error) {
      return outcomeOf(error, work.claim)
    }
  }
}

/** Of a job that names its moment itself. */
function selectByJob({ targetTime, source }: Job) {
  return { targetTime, ...(source !== undefined && { source }) }
}
