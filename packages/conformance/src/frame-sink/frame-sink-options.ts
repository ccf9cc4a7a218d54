import type { FrameSink } from '@snapmint/core/adapter'
import type { ConformanceRunner } from '../runner/conformance-runner.js'
import type { FailureCase } from '../runner/failure-case.js'

/** What a frame sink can do. */
export interface FrameSinkCapabilities {
  /** Different keys give different uris even for the same bytes. False for stores that name an object by its content. Default true. */
  readonly keyed?: boolean | undefined
  /** An abort during a put takes effect. False where a put is over before anybody can abort it. Default true. */
  readonly abort?: boolean | undefined
}

/** A sink over an empty store, and the test's eyes on that store. Made anew for each rule. */
export interface FrameSinkHarness {
  readonly sink: FrameSink
  /** The stored bytes behind a uri, read as any user of the store would, past the sink. */
  read(uri: string): Promise<Uint8Array>
  /** The uri of everything that lies in the store, temporary objects too. Given, aborted puts are looked after. */
  list?(): Promise<readonly string[]>
  teardown?(): Promise<void> | void
}

export interface FrameSinkConformanceOptions extends ConformanceRunner {
  create(): Promise<FrameSinkHarness> | FrameSinkHarness
  readonly capabilities?: FrameSinkCapabilities | undefined
  /** Heads the suite. Default `frame sink`. */
  readonly name?: string | undefined
  /** Size of the largest picture that is put. Default 8 MiB. */
  readonly largeBytes?: number | undefined
  /** How long the steps of one rule may take together, in ms. Default 3000. */
  readonly timeoutMs?: number | undefined
  /** Ways in which the store can fail: `put` of each sink made here must reject. */
  readonly failures?: readonly FailureCase<FrameSink>[] | undefined
}
