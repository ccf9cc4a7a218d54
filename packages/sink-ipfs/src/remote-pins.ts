import { setTimeout as sleep } from 'node:timers/promises'
import { SnapmintError } from '@snapmint/core/adapter'
import { statusOf } from './classify-node-error.js'
import { createPinningClient, type PinningClient, type PinRequest, type PinStatus } from './pinning-client.js'
import type { ResolvedPinningService } from './pinning-service-options.js'

/** Pins at every service, and resolves when each of them says `pinned`. */
export type RemotePins = (pin: PinRequest, signal: AbortSignal) => Promise<void>

/**
 * A request that is there already is used rather than made again, so that repeating a put adds none. Waiting for `pinned` is what a put is, not a retry: what the
 * service refuses, or does not manage in its time, is left to core.
 */
export function createRemotePins(services: readonly ResolvedPinningService[], fetch: typeof globalThis.fetch): RemotePins {
  const all = services.map((service) => ({ service, client: createPinningClient(service, fetch) }))
  return async (pin, signal) => {
    const controller = new AbortController()
    const either = AbortSignal.any([signal, controller.signal])
    try {
      await Promise.all(all.map(({ service, client }) => pinWithin(service, client, pin, either)))
    } finally {
      // When one has failed, nobody waits for the others.
      controller.abort()
    }
  }
}

/** @throws `SNAPMINT_SINK_TIMEOUT`, retryable, when the service does not say `pinned` within its time. */
async function pinWithin(
  service: ResolvedPinningService,
  client: PinningClient,
  pin: PinRequest,
  signal: AbortSignal,
): Promise<void> {
  const limit = new AbortController()
  const timer = setTimeout(() => limit.abort(tooSlow(service, pin)), service.timeoutMs)
  try {
    await pinAt(service, client, pin, AbortSignal.any([signal, limit.signal]))
  } finally {
    clearTimeout(timer)
  }
}

async function pinAt(
  service: ResolvedPinningService,
  client: PinningClient,
  pin: PinRequest,
  signal: AbortSignal,
): Promise<void> {
  const { name, pollMs, maxRepins } = service
  let status: Found = (await present(client, pin.cid, signal)) ?? (await create(client, pin, signal))
  // What failed in an earlier put is that put's failure.
  if (status.status === 'failed' && status.isOld) status = await client.replace(status.requestid, pin, signal)
  let waitMs = pollMs
  for (let repins = 0; ; ) {
    if (status.cid !== pin.cid) throw foreign(name, pin, status)
    if (status.status === 'pinned') return
    if (status.status === 'failed') {
      if (repins >= maxRepins) throw failed(name, pin, status, repins)
      repins += 1
      status = await client.replace(status.requestid, pin, signal)
    } else {
      await sleep(waitMs, undefined, { signal }).catch(() => signal.throwIfAborted())
      waitMs = Math.min(waitMs * 2, pollMs * 8)
      status = await client.status(status.requestid, signal)
    }
  }
}

/** A request, and whether an earlier put made it. */
type Found = PinStatus & { readonly isOld?: true }

const rank: Readonly<Record<PinStatus['status'], number>> = { pinned: 0, pinning: 1, queued: 2, failed: 3 }

/** Of the requests for the same content the one that is nearest to `pinned`. */
async function present(client: PinningClient, cid: string, signal: AbortSignal): Promise<Found | undefined> {
  const statuses = await client.find(cid, signal)
  const [nearest] = [...statuses].sort((one, other) => rank[one.status] - rank[other.status])
  return nearest === undefined ? undefined : { ...nearest, isOld: true }
}

/** Another host may have asked between the look and the request; some services refuse a second one. */
async function create(client: PinningClient, pin: PinRequest, signal: AbortSignal): Promise<Found> {
  try {
    return await client.create(pin, signal)
  } catch (thrown) {
    const status = statusOf(thrown)
    const found = status === 409 || status === 400 ? await present(client, pin.cid, signal) : undefined
    if (found === undefined) throw thrown
    return found
  }
}

function tooSlow({ name, timeoutMs }: ResolvedPinningService, { cid }: PinRequest): SnapmintError {
  const message = `${name} did not say that ${cid} is pinned within ${timeoutMs} ms: it goes on by itself, and the next try finds the request. Check that the service can reach the node, or raise \`timeoutMs\` of the service and \`put.timeoutMs\``
  return new SnapmintError('SNAPMINT_SINK_TIMEOUT', message, { adapter: 'ipfs', retryable: true })
}

function failed(name: string, { cid }: PinRequest, { details }: PinStatus, repins: number): SnapmintError {
  const why = details === '' ? '' : ` (${details})`
  const message = `${name} failed to pin ${cid}${why}, ${repins === 0 ? 'and was not asked again' : `also when asked ${repins} more times`}: check that the service can reach the node`
  return new SnapmintError('SNAPMINT_SINK_FAILED', message, { adapter: 'ipfs', retryable: true })
}

function foreign(name: string, { cid }: PinRequest, status: PinStatus): SnapmintError {
  const message = `${name} answered about ${JSON.stringify(status.cid.slice(0, 100))} when it was asked for ${cid}: it cannot be trusted, nothing is acknowledged`
  return new SnapmintError('SNAPMINT_SINK_FAILED', message, { adapter: 'ipfs', retryable: true })
}
