import { checkAnswer } from '../delivery/check-answer.js'
import { createDeliveryBoard, type Delivery, type Stored } from '../delivery/delivery-board.js'
import { isPassing, outcomeOf } from '../delivery/job-outcome.js'
import { isCaptured } from '../delivery/moment.js'
import { createPutter, putDefaults } from '../delivery/put-media.js'
import { renderSnapshot } from '../delivery/render.js'
import { type CheckedRequest, type Select, selectFrames } from '../delivery/select-frames.js'
import type { SourceAccess } from '../delivery/source-access.js'
import { LookupError } from '../errors/lookup-error.js'
import { toJobError } from '../errors/plain-error.js'
import { SnapmintError } from '../errors/snapmint-error.js'
import type { HeldPicture } from '../holds/hold-records.js'
import type { Work } from '../jobs/claim-desk.js'
import type { Job, JobOutcome } from '../spec/job-source.js'
import type { DeliveredFrame, Receipt } from '../spec/receipt.js'
import type { ClaimRoom } from './claim-room.js'
import type { Moments } from './moments.js'
import { applyRender } from './render-step.js'
import type { RouteContext } from './route-context.js'

/** Serves one claim: what does it want, wait for it, deliver it, and say what became of it. Never rejects. */
export function createClaimServer(context: RouteContext, room: ClaimRoom, moments: Moments, onRoom: () => void) {
  const { name, route, sources, events, holds, random } = context
  const select = (route.select ?? selectByJob) as Select<unknown>
  const names = [...sources.keys()]
  const options = { ...putDefaults, ...route.put }
  const board = createDeliveryBoard({
    putters: route.sinks.map((sink) =>
      createPutter({ route: name, sink, places: context.placesOf(sink), options, emit: events.emit, random }),
    ),
    render: async (source, held, signal) =>
      applyRender(route.render, await renderSnapshot(source.name, held, source.decoder, signal), signal),
    holds,
    onHeldBytes(change) {
      room.hold(change)
      if (change < 0) onRoom()
    },
  })

  /** Room for the picture. None of the budget left is the exception: waits, while the history still holds the frame. */
  async function admit(source: SourceAccess, { targetTime }: CheckedRequest, work: Work): Promise<() => void> {
    const abort = new AbortController()
    return untilCancelled(
      work,
      (reason) => abort.abort(reason),
      () => room.admit(source, targetTime, abort.signal),
    )
  }

  async function deliver(request: CheckedRequest, work: Work): Promise<DeliveredFrame> {
    const source = sources.get(request.source)!
    const held = holds?.find(work.claim.id, request)
    // What was matched before counts, whatever the history has by now.
    if (held !== undefined) {
      const stored = await deliverHeld(held, request, work)
      if (stored !== undefined) return receiptOf(request, stored, context.clockErrorMs())
    }
    // No await while the frame is there and there is room: it is copied out before anything else can happen.
    if (!isCaptured(source, request.targetTime)) await moments.wait(source, request.targetTime, work)
    const admitted = room.hasRoom() ? undefined : await admit(source, request, work)
    let delivery: Delivery
    try {
      delivery = board.deliver(source, request, work.claim.id)
    } finally {
      admitted?.()
    }
    return receiptOf(request, await storedBy(delivery, work), context.clockErrorMs())
  }

  /** `undefined` when the held picture is not what it was. */
  async function deliverHeld(held: HeldPicture, request: CheckedRequest, work: Work): Promise<Stored | undefined> {
    const admitted = room.hasRoom() ? undefined : await admit(sources.get(request.source)!, request, work)
    let delivery: Delivery
    try {
      delivery = board.deliverHeld(held, request, work.claim.id)
    } finally {
      admitted?.()
    }
    try {
      return await storedBy(delivery, work)
    } catch (error) {
      if (SnapmintError.isInstance(error) && error.code === 'SNAPMINT_HOLD_FAILED') return undefined
      throw error
    }
  }

  function storedBy({ stored, leave }: Delivery, work: Work): Stored | Promise<Stored> {
    return leave === undefined ? stored : untilCancelled(work, leave, () => stored)
  }

  return async function serve(work: Work): Promise<JobOutcome> {
    const { id, token, job } = work.claim
    try {
      const requests = selectFrames(job, select, names, route)
      holds?.claimed(id, requests)
      const [only, ...others] = requests
      // Nearly every job asks for one picture; it goes without what several need.
      if (only !== undefined && others.length === 0)
        return { status: 'done', id, token, receipt: { frames: [await deliver(only, work)] } }
      const results = await Promise.allSettled(requests.map((request) => deliver(request, work)))
      return { status: 'done', id, token, receipt: combine(requests, results) }
    } catch (error) {
      return outcomeOf(error, work.claim)
    }
  }
}

/** @throws the error that decides, when a picture that had to be there is not. */
function combine(requests: readonly CheckedRequest[], results: readonly PromiseSettledResult<DeliveredFrame>[]): Receipt {
  const frames = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  const refused = results.flatMap((result, index) =>
    result.status === 'rejected' ? [{ ...requests[index]!, reason: result.reason as unknown }] : [],
  )
  if (refused.length === 0) return { frames }
  const tolerable = frames.length > 0 && refused.every(({ optional, reason }) => optional && LookupError.isInstance(reason))
  if (!tolerable) throw (refused.find(({ reason }) => !isPassing(reason)) ?? refused[0]!).reason
  return { frames, missing: refused.map(({ source, reason }) => ({ source, error: toJobError(reason, 'SNAPMINT_INTERNAL') })) }
}

function receiptOf(request: CheckedRequest, stored: Stored, clockErrorMs: number | undefined): DeliveredFrame {
  const { source, targetTime, lookup } = request
  const { captureTime, uris, mimeType, bytes, sha256 } = stored
  checkAnswer(source, targetTime, lookup, captureTime)
  const frame = { source, targetTime, captureTime, offsetMs: captureTime - targetTime, uris, mimeType, bytes, sha256 }
  return clockErrorMs === undefined ? frame : { ...frame, clockErrorMs }
}

/** Awaits `promise()`; when the work is cancelled meanwhile, `cancel` is called. */
async function untilCancelled<T>(work: Work, cancel: (reason: unknown) => void, promise: () => T | Promise<T>): Promise<T> {
  work.onCancel.push(cancel)
  try {
    return await promise()
  } finally {
    work.onCancel.splice(work.onCancel.indexOf(cancel), 1)
  }
}

/** Of a job that names its moment itself. */
function selectByJob({ targetTime, source }: Job) {
  return { targetTime, ...(source !== undefined && { source }) }
}
