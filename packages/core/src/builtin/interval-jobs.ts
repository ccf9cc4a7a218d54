import type { EpochMs } from '../spec/frame.js'
import type { Job, JobSource } from '../spec/job-source.js'
import { startClockMonitor } from '../time/clock-monitor.js'
import { createClock, openClock } from '../time/pipeline-clock.js'
import { expectKnownOptions, expectNumber, expectString } from '../util/expect-option.js'
import { createWakeUpCall } from '../util/wake-up-call.js'
import { createJobQueue } from './job-queue.js'
import { expectLeaseRequest, untilAborted } from './job-source-helpers.js'

export interface IntervalJobsOptions<Source extends string = string> {
  /** Ms between two ticks; at least 1. */
  readonly everyMs: number
  /** The source asked. Default: every source of the pipeline. */
  readonly source?: Source | undefined
  /**
   * Ticks fall on multiples of `everyMs` since the Unix epoch, on full minutes for 60,000, the same on every host and after a restart.
   * Default false: on multiples since the jobs were first claimed or watched.
   */
  readonly aligned?: boolean | undefined
  /** Ticks that are still handed out when nobody claimed them in time (the main thread was blocked, the pipeline was stopped); of more, the latest. Default 1,000. */
  readonly maxMissed?: number | undefined
  /** Told of the ticks beyond `maxMissed`, which are dropped: how many, and the first and the last of them. */
  readonly onDropped?: ((dropped: { readonly count: number; readonly from: EpochMs; readonly to: EpochMs }) => void) | undefined
  /** Hand-outs of a tick before it is given up. Default 10. */
  readonly maxAttempts?: number | undefined
  /** Default: a clock that follows the wall clock by the same rules as the pipeline's: forward at once, never backwards. */
  readonly clock?: (() => EpochMs) | undefined
}

export interface IntervalJobs<Source extends string = string> extends JobSource<Job<Source>> {
  /** Ticks dropped so far because more than `maxMissed` had been missed. */
  readonly dropped: number
}

/**
 * Checkpoints: a job every `everyMs`, whose `targetTime` is the tick and whose id is `interval-<targetTime>`. The first tick is one interval after
 * the jobs were first claimed or watched. Ticks do not drift, and a late one still asks for the moment it was meant for.
 */
export function intervalJobs<const Source extends string = string>(options: IntervalJobsOptions<Source>): IntervalJobs<Source> {
  expectIntervalOptions(options)
  const { everyMs, source, aligned = false, maxMissed = 1_000, onDropped, maxAttempts = 10, clock } = options
  const queue = createJobQueue<Job<Source>>({ clock, maxAttempts, onFinished: () => {} })
  const listeners = new Set<() => void>()
  const wakeUpCall = createWakeUpCall(wakeAll)
  let now = clock
  let origin: EpochMs | undefined
  let nextTick = 1
  let dropped = 0

  /** Nothing starts at construction: the first call does. */
  function start(): EpochMs {
    now ??= followWallClock()
    origin ??= aligned ? Math.floor(now() / everyMs) * everyMs : Math.floor(now())
    return origin
  }

  // Multiplied, not summed: a sum of fractions drifts.
  const timeOf = (tick: number): EpochMs => start() + tick * everyMs

  function latestTick(): number {
    const since = start()
    return Math.floor(((now?.() ?? since) - since) / everyMs)
  }

  function dropMissed(latest: number): void {
    const count = latest - nextTick + 1 - maxMissed
    if (count <= 0) return
    const from = timeOf(nextTick)
    nextTick += count
    dropped += count
    onDropped?.({ count, from, to: timeOf(nextTick - 1) })
  }

  function addDue(max: number): void {
    const latest = latestTick()
    dropMissed(latest)
    for (let room = max - queue.ready; room > 0 && nextTick <= latest; room--, nextTick++) {
      const targetTime = timeOf(nextTick)
      queue.add(`interval-${targetTime}`, source === undefined ? { targetTime } : { targetTime, source })
    }
  }

  function wakeAll(): void {
    const isDue = nextTick <= latestTick() || queue.ready > 0
    if (isDue) for (const listener of listeners) listener()
    setWakeUpCall()
  }

  function setWakeUpCall(): void {
    if (listeners.size === 0) {
      wakeUpCall.set(undefined)
      return
    }
    // The tick after the latest, not the next one to hand out: ticks that are due have been hinted at.
    const untilTickMs = timeOf(Math.max(nextTick, latestTick() + 1)) - (now?.() ?? 0)
    wakeUpCall.set(Math.min(untilTickMs, queue.nextDelayMs() ?? untilTickMs))
  }

  return {
    specVersion: 1,
    adapter: 'interval',
    get dropped() {
      return dropped
    },
    async claim(context) {
      const { max, leaseMs } = expectLeaseRequest(context)
      addDue(max)
      return queue.claim(max, leaseMs)
    },
    async settle(outcomes) {
      queue.settle(outcomes)
      if (listeners.size > 0) wakeAll()
    },
    extend: async (tokens, leaseMs) => queue.extend(tokens, leaseMs),
    async watch(onAvailable, { signal }) {
      const listener = () => onAvailable()
      listeners.add(listener)
      wakeAll()
      await untilAborted(signal)
      listeners.delete(listener)
      setWakeUpCall()
    },
    async close() {
      listeners.clear()
      wakeUpCall.set(undefined)
    },
  }
}

function expectIntervalOptions(options: IntervalJobsOptions): void {
  expectKnownOptions('intervalJobs', options, ['everyMs', 'source', 'aligned', 'maxMissed', 'onDropped', 'maxAttempts', 'clock'])
  const { everyMs, source, maxMissed, maxAttempts } = options
  expectNumber('everyMs', everyMs, { min: 1 })
  if (source !== undefined) expectString('source', source)
  if (maxMissed !== undefined) expectNumber('maxMissed', maxMissed, { min: 1, integer: true })
  if (maxAttempts !== undefined) expectNumber('maxAttempts', maxAttempts, { min: 1, integer: true })
}

/** Compared with the wall clock whenever it is read, instead of by a timer. */
function followWallClock(): () => EpochMs {
  const handle = createClock()
  const clock = openClock(handle)
  const monitor = startClockMonitor({ clock: handle, emit: () => {}, timers: { every: () => () => {} } })
  return () => {
    monitor.check()
    return clock.now()
  }
}
