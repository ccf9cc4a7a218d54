import { SnapmintError } from '../errors/snapmint-error.js'
import { createHistory } from '../history/history.js'
import { type HoldStore, openHoldStore } from '../holds/hold-store.js'
import { createEventBus, eventNames } from '../observe/event-bus.js'
import { metricsOf } from '../observe/metrics.js'
import type { PipelineState } from '../observe/pipeline-events.js'
import type { FrameSink } from '../spec/frame-sink.js'
import { type ClockMonitor, startClockMonitor } from '../time/clock-monitor.js'
import { createClock, openClock } from '../time/pipeline-clock.js'
import { timerDelay } from '../util/delay.js'
import { expectNumber, expectOneOf } from '../util/expect-option.js'
import { createSemaphore, type Semaphore } from '../util/semaphore.js'
import { checkOptions } from './check-options.js'
import { closeAdapter } from './close-adapter.js'
import type { Pipeline } from './pipeline.js'
import type { PipelineOptions, ShortPipelineOptions, SourceName, Sources } from './pipeline-options.js'
import { idleStatus, type PipelineStatus } from './pipeline-status.js'
import { type RunningRoute, startRoute } from './route.js'
import { type SourceRuntime, startSource } from './source-runtime.js'
import { takeSnapshot } from './take-snapshot.js'

/** Below it the clocks are taken to agree: reading both is not more exact. */
const CLOCK_ERROR_MS = 50
/** Puts into one sink at the same time, where the sink does not say. */
const DEFAULT_PLACES = 8

/**
 * Composes sources, routes and sinks into a pipeline. Opens and allocates nothing before `start`.
 *
 * @throws TypeError, RangeError for options that are wrong, unknown or do not fit together.
 */
export function createPipeline<J>(options: ShortPipelineOptions<J>): Pipeline<'camera'>
export function createPipeline<const S extends Sources, Js extends readonly unknown[] = []>(
  options: PipelineOptions<S, Js>,
): Pipeline<SourceName<S>>
export function createPipeline(options: unknown): Pipeline {
  const checked = checkOptions(options)
  const events = createEventBus()
  const sources = new Map<string, SourceRuntime>()
  const places = new Map<FrameSink, Semaphore>()
  const ending = new AbortController()
  const routes = new Map<string, RunningRoute>()
  const starting = new AbortController()
  let clock: { now(): number; readonly monitor: ClockMonitor } | undefined
  let holds: HoldStore | undefined
  let state: PipelineState = 'idle'
  let started: Promise<void> | undefined
  let stopped: Promise<void> | undefined

  function enter(next: PipelineState): void {
    state = next
    events.emit('pipeline:changed', { state })
  }

  function placesOf(sink: FrameSink): Semaphore {
    const known = places.get(sink) ?? createSemaphore(sink.maxInFlight ?? DEFAULT_PLACES)
    places.set(sink, known)
    return known
  }

  const now = () => clock?.now() ?? Date.now()
  const clockErrorMs = () => clock?.monitor.errorMs() ?? 0
  const notableClockError = () => (Math.abs(clockErrorMs()) > CLOCK_ERROR_MS ? clockErrorMs() : undefined)

  async function start(signal: AbortSignal | undefined): Promise<void> {
    const onAbort = () => starting.abort(signal?.reason)
    if (signal?.aborted) onAbort()
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      // Listeners may call start() and stop(): both are known by now.
      await null
      enter('starting')
      starting.signal.throwIfAborted()
      if (checked.holds !== undefined) holds = await openHoldStore(checked.holds, events.emit, starting.signal)
      startSources()
      await untilFirstAttempts()
      startRoutes()
      enter('running')
    } catch (error) {
      await shutDown(0)
      enter(stopped === undefined ? 'failed' : 'stopped')
      throw error
    } finally {
      signal?.removeEventListener('abort', onAbort)
    }
  }

  function startRoutes(): void {
    const { random } = checked
    for (const route of checked.routes) {
      const { name } = route
      const clocks = { now, clockErrorMs: notableClockError }
      routes.set(name, startRoute({ name, route, sources, events, holds: holds?.route(name), ...clocks, placesOf, random }))
    }
  }

  function startSources(): void {
    const histories = [...checked.histories].map(([name, options]) => [name, createHistory(options)] as const)
    const handle = createClock()
    clock = { now: openClock(handle).now, monitor: startClockMonitor({ clock: handle, emit: events.emit }) }
    for (const [name, history] of histories) {
      const source = checked.sources[name]!
      sources.set(
        name,
        startSource({ name, source, history, clock: handle, capture: checked.capture, events, now, random: checked.random }),
      )
    }
  }

  function untilFirstAttempts(): Promise<void> {
    const { signal } = starting
    return new Promise((resolve, reject) => {
      const onAbort = () => reject(signal.reason)
      if (signal.aborted) return onAbort()
      signal.addEventListener('abort', onAbort, { once: true })
      Promise.all([...sources.values()].map(({ capture }) => capture.firstAttempt))
        .then(() => resolve(), reject)
        .finally(() => signal.removeEventListener('abort', onAbort))
    })
  }

  async function shutDown(drainTimeoutMs: number): Promise<void> {
    ending.abort(notRunning('The pipeline stopped'))
    await Promise.all([...routes.values()].map((route) => route.stop(drainTimeoutMs)))
    await Promise.all([...sources.values()].map((source) => source.stop()))
    const adapters = new Set(checked.routes.flatMap(({ jobs, sinks }) => [jobs, ...sinks]))
    await Promise.all([...adapters].map((adapter) => closeAdapter(adapter, events.emit)))
    await holds?.close()
    clock?.monitor.stop()
  }

  async function stop(drainTimeoutMs: number): Promise<void> {
    await null
    if (started === undefined) return enter('stopped')
    // A start under way ends here; one that was made takes no notice.
    starting.abort(notRunning('The pipeline was stopped while it started'))
    const made = await started.then(
      () => true,
      () => false,
    )
    if (!made) return
    enter('stopping')
    await shutDown(drainTimeoutMs)
    enter('stopped')
  }

  function sourceNamed(name: string): SourceRuntime {
    if (!Object.hasOwn(checked.sources, name)) {
      const known = Object.keys(checked.sources)
      throw new TypeError(
        `Expected \`source\` to be one of ${known.map((item) => `"${item}"`).join(', ')}, got \`${String(name)}\``,
      )
    }
    const source = sources.get(name)
    if (source === undefined) throw notRunning('The pipeline has not started; call start() first')
    return source
  }

  const pipeline: Pipeline = {
    start({ signal } = {}) {
      if (stopped !== undefined) return Promise.reject(notRunning('The pipeline was stopped; create a new one'))
      started ??= start(signal)
      return started
    },
    stop({ drainTimeoutMs = 10_000 } = {}) {
      if (drainTimeoutMs !== Number.POSITIVE_INFINITY) expectNumber('drainTimeoutMs', drainTimeoutMs, { min: 0 })
      stopped ??= stop(timerDelay(drainTimeoutMs))
      return stopped
    },
    async snapshot(name, options = {}) {
      const source = sourceNamed(name)
      if (state !== 'running' && state !== 'starting') throw notRunning(`The pipeline is ${state}; it takes no pictures`)
      return takeSnapshot(source, options, now, ending.signal)
    },
    on(event, listener) {
      expectOneOf('event', event, eventNames)
      return events.on(event, listener)
    },
    status: (): PipelineStatus => ({
      state,
      sources: Object.fromEntries(Object.keys(checked.sources).map((name) => [name, sources.get(name)?.status() ?? idleStatus])),
      routes: Object.fromEntries([...routes].map(([name, route]) => [name, route.status()])),
      clockErrorMs: clockErrorMs(),
    }),
    metrics: () => metricsOf(pipeline.status()),
    history(name) {
      const { reader, history } = sourceNamed(name)
      return { reader, handle: history }
    },
    now,
    [Symbol.asyncDispose]: () => pipeline.stop(),
  }
  return pipeline
}

function notRunning(message: string): SnapmintError {
  return new SnapmintError('SNAPMINT_PIPELINE_STOPPED', message)
}
