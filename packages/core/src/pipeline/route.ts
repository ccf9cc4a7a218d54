import { createDeliveryBoard } from '../delivery/delivery-board.js'
import { isCaptured, notDue, untilCaptured } from '../delivery/moment.js'
import { createPutter, putDefaults } from '../delivery/put-media.js'
import { renderSnapshot } from '../delivery/render.js'
import { type CheckedRequest, type Select, selectFrames } from '../delivery/select-frames.js'
import type { SourceAccess } from '../delivery/source-access.js'
import { errorMessage, toJobError } from '../errors/plain-error.js'
import { SnapmintError } from '../errors/snapmint-error.js'
import { claimFault, startClaimLoop } from '../jobs/claim-loop.js'
import { createLeaseKeeper } from '../jobs/lease-keeper.js'
import type { LedgerFigures } from '../jobs/ledger.js'
import { createSettleQueue } from '../jobs/settle-queue.js'
import type { Emit, EventBus } from '../observe/event-bus.js'
import type { EpochMs } from '../spec/frame.js'
import type { Job, JobClaim, JobOutcome } from '../spec/job-source.js'
import type { DeliveredFrame } from '../spec/receipt.js'
import { createClaimRoom } from './claim-room.js'
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
  figures(): LedgerFigures & { readonly heldBytes: number }
  /** Claims no more, delivers what is under way for up to `drainTimeoutMs`, hands the rest back. Never rejects. */
  stop(drainTimeoutMs: number): Promise<void>
}

interface Work {
  readonly claim: JobClaim<unknown>
  /** Ends waiting and gives up the frames. */
  cancel(reason: unknown): void
  readonly onCancel: Set<(reason: unknown) => void>
  /** Moment it waits for, if it does. */
  waitingFor?: EpochMs | undefined
}

/** How long `stop` tries to report the last outcomes to a job source that does not answer. */
const LAST_SETTLE_MS = 5_000

/** Runs one route: claims, delivers, settles, and keeps the ledger. */
export function startRoute(context: RouteContext): RunningRoute {
  const { name, route, sources, events, now, random } = context
  const emit: Emit = events.emit
  const options = { ...routeDefaults, ...route }
  const { jobs, leaseMs } = options
  const works = new Map<string, Work>()
  const counts = { claimed: 0, done: 0, failed: 0, retried: 0, waiting: 0 }
  const sourceNames = [...sources.keys()]
  const select = (route.select ?? selectByJob) as Select<unknown>
  const room = createClaimRoom({ ...options, sources, counts, inFlight: () => works.size })
  let stopping: { readonly deadline: number } | undefined
  let onIdle: (() => void) | undefined

  const unavailable = (operation: 'claim' | 'settle' | 'extend' | 'watch') => (error: unknown, delayMs: number) =>
    emit('jobs:unavailable', { route: name, operation, delayMs, error: jobsError(error, operation, jobs.adapter) })

  const board = createDeliveryBoard({
    putters: route.sinks.map((sink) =>
      createPutter({ route: name, sink, options: { ...putDefaults, ...route.put }, emit, random }),
    ),
    render: async (source, held, signal) =>
      applyRender(route.render, await renderSnapshot(source.name, held, source.decoder, signal), signal),
    onHeldBytes(change) {
      room.hold(change)
      if (change < 0) loop.wake()
    },
    clockErrorMs: context.clockErrorMs,
  })

  const leases = createLeaseKeeper({
    jobs,
    leaseMs,
    now,
    onUnavailable: unavailable('extend'),
    onLost(token) {
      const work = works.get(token)
      if (work === undefined) return
      forget(work, 'retried')
      emit('lease:lost', { route: name, id: work.claim.id })
      work.cancel(
        new SnapmintError('SNAPMINT_LEASE_LOST', `The lease of job "${work.claim.id}" was lost; another host may have it`),
      )
    },
  })

  const settling = createSettleQueue({
    jobs,
    random,
    timeoutMs: leaseMs,
    onUnavailable: unavailable('settle'),
    onSettled(outcomes) {
      for (const outcome of outcomes) {
        const work = works.get(outcome.token)
        if (work === undefined) continue
        forget(work, outcome.status === 'retry' ? 'retried' : outcome.status)
        emit('job:settled', { route: name, id: outcome.id, outcome })
      }
    },
  })

  function forget({ claim }: Work, as: 'done' | 'failed' | 'retried'): void {
    works.delete(claim.token)
    leases.release(claim.token)
    counts[as]++
    loop.wake()
    if (works.size === 0) onIdle?.()
  }

  async function waitForMoment(source: SourceAccess, targetTime: EpochMs, work: Work): Promise<void> {
    if (stopping !== undefined && targetTime - now() > stopping.deadline - performance.now()) throw abandoned()
    if (counts.waiting >= options.maxWaiting) throw notDue(targetTime, 1_000)
    const abort = new AbortController()
    const onCancel = (reason: unknown) => abort.abort(reason)
    work.onCancel.add(onCancel)
    work.waitingFor = targetTime
    counts.waiting++
    try {
      await untilCaptured(source, targetTime, { waitMs: options.waitMs, now }, abort.signal)
    } finally {
      counts.waiting--
      work.waitingFor = undefined
      work.onCancel.delete(onCancel)
    }
  }

  async function deliver(request: CheckedRequest, work: Work): Promise<DeliveredFrame> {
    const source = sources.get(request.source)!
    // No await while the frame is there: it is copied out before anything else can happen.
    if (!isCaptured(source, request.targetTime)) await waitForMoment(source, request.targetTime, work)
    const { delivered, leave } = board.deliver(source, request, work.claim.id)
    work.onCancel.add(leave)
    try {
      return await delivered
    } finally {
      work.onCancel.delete(leave)
    }
  }

  async function serve(work: Work): Promise<void> {
    const { id, token, job } = work.claim
    try {
      const requests = selectFrames(job, select, sourceNames, options)
      const results = await Promise.allSettled(requests.map((request) => deliver(request, work)))
      const errors = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []))
      if (errors.length > 0) throw errors.find((error) => !isPassing(error)) ?? errors[0]
      const frames = results.map((result) => (result as PromiseFulfilledResult<DeliveredFrame>).value)
      settle({ status: 'done', id, token, receipt: { frames } })
    } catch (error) {
      settle(outcomeOf(error, id, token))
    }
  }

  /** A claim whose lease was lost meanwhile is not settled: it is somebody else's. */
  function settle(outcome: JobOutcome): void {
    if (works.has(outcome.token)) settling.push(outcome)
  }

  function accept(claim: JobClaim<unknown>): void {
    const fault = claimFault(claim, jobs.adapter)
    if (fault !== undefined) return emit('jobs:unavailable', { route: name, operation: 'claim', delayMs: 0, error: fault })
    // The same hand-out twice is one claim.
    if (works.has(claim.token)) return
    const onCancel: Work['onCancel'] = new Set()
    const cancel = (reason: unknown) => {
      for (const listener of [...onCancel]) listener(reason)
    }
    const work: Work = { claim, onCancel, cancel }
    counts.claimed++
    works.set(claim.token, work)
    leases.keep(claim.token, claim.leaseExpiresAt)
    void serve(work)
  }

  const loop = startClaimLoop({
    jobs,
    leaseMs,
    random,
    maxBatch: options.claimMax,
    capacity: () => room.capacity(),
    onUnavailable: (operation, error, delayMs) => unavailable(operation)(error, delayMs),
    onClaims(claims) {
      emit('jobs:claimed', { route: name, count: claims.length })
      for (const claim of claims) accept(claim)
    },
  })

  function cancelAll(which: (work: Work) => boolean): void {
    for (const work of works.values()) if (which(work)) work.cancel(abandoned())
  }

  async function idle(timeoutMs: number): Promise<void> {
    if (works.size === 0) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timeoutMs)
      onIdle = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    onIdle = undefined
  }

  return {
    figures: () => ({ ...counts, inFlight: works.size, heldBytes: room.heldBytes() }),
    async stop(drainTimeoutMs) {
      const deadline = performance.now() + drainTimeoutMs
      stopping = { deadline }
      await loop.stop()
      cancelAll(({ waitingFor }) => waitingFor !== undefined && waitingFor - now() > drainTimeoutMs)
      await idle(Math.max(0, deadline - performance.now()))
      cancelAll(() => true)
      // Every cancelled job reaches its outcome within a few turns; then the last report.
      await new Promise((resolve) => setImmediate(resolve))
      await settling.flush(AbortSignal.timeout(LAST_SETTLE_MS)).catch(() => {})
      leases.stop()
      for (const work of works.values()) forget(work, 'retried')
    },
  }
}

/** Of a job that names its moment itself. */
function selectByJob(job: Job) {
  return { targetTime: job.targetTime, ...(job.source !== undefined && { source: job.source }) }
}

function abandoned(): SnapmintError {
  return new SnapmintError('SNAPMINT_JOB_ABANDONED', 'The pipeline stopped before the job was done; it is handed back', {
    retryable: true,
  })
}

/** Whether the job may do better later. Failed puts have had their retries already. */
function isPassing(error: unknown): boolean {
  if (!SnapmintError.isInstance(error)) return false
  return (
    error.code === 'SNAPMINT_JOB_NOT_DUE' ||
    error.code === 'SNAPMINT_JOB_ABANDONED' ||
    (error.code === 'SNAPMINT_FRAME_NOT_YET' && error.retryable)
  )
}

function outcomeOf(thrown: unknown, id: string, token: string): JobOutcome {
  const error = toJobError(thrown, 'SNAPMINT_SINK_FAILED')
  if (!isPassing(thrown)) return { status: 'failed', id, token, error }
  const { retryAfterMs } = thrown as SnapmintError
  return {
    status: 'retry',
    id,
    token,
    error,
    untried: error.code !== 'SNAPMINT_FRAME_NOT_YET',
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  }
}

function jobsError(error: unknown, operation: string, adapter: string): SnapmintError {
  if (SnapmintError.isInstance(error)) return error
  const message = `${operation} of the ${adapter} jobs failed: ${errorMessage(error)}`
  return new SnapmintError('SNAPMINT_JOBS_UNAVAILABLE', message, { cause: error, retryable: true, adapter })
}
