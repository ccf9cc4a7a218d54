import type { SourceAccess } from '../delivery/source-access.js'
import type { RouteHolds } from '../holds/route-holds.js'
import type { EventBus } from '../observe/event-bus.js'
import type { EpochMs } from '../spec/frame.js'
import type { FrameSink } from '../spec/frame-sink.js'
import type { Semaphore } from '../util/semaphore.js'
import type { AnyRoute } from './route-options.js'

/** What a route is given of its pipeline. */
export interface RouteContext {
  readonly name: string
  readonly route: AnyRoute
  readonly sources: ReadonlyMap<string, SourceAccess>
  readonly events: EventBus
  /** Where matched pictures are kept on disk, if they are. */
  readonly holds: RouteHolds | undefined
  now(): EpochMs
  clockErrorMs(): number | undefined
  /** The places of a sink, the same for all routes that use it. */
  placesOf(sink: FrameSink): Semaphore
  readonly random: () => number
}
