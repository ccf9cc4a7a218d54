import { channel } from 'node:diagnostics_channel'
import { errorMessage } from '../errors/plain-error.js'
import { SnapmintError } from '../errors/snapmint-error.js'
import type { PipelineEvents } from './pipeline-events.js'

export type EventName = keyof PipelineEvents
/** What it returns is not looked at, except that a promise which rejects is reported like a throw. */
export type Listener<K extends EventName> = (event: PipelineEvents[K]) => unknown
export type Emit = <K extends EventName>(name: K, event: PipelineEvents[K]) => void

/** Every event there is. */
export const eventNames = Object.keys({
  'source:started': true,
  'source:restarting': true,
  'source:stalled': true,
  'source:frozen': true,
  'source:ended': true,
  'source:failed': true,
  'source:notice': true,
  'frame:rejected': true,
  'frame:captured': true,
  'clock:stepped': true,
  'pipeline:changed': true,
  'jobs:claimed': true,
  'jobs:unavailable': true,
  'job:settled': true,
  'lease:lost': true,
  'put:retrying': true,
  'put:stored': true,
  'put:failed': true,
  'hold:failed': true,
  'hold:dropped': true,
  'close:failed': true,
  'listener:failed': true,
} satisfies Record<EventName, true>) as readonly EventName[]

export interface EventBus {
  /** Calls `listener` for every `name` event from now on. Returns a function that ends it. */
  on<K extends EventName>(name: K, listener: Listener<K>): () => void
  emit: Emit
  /** Whether anybody listens: lets a producer save the work. */
  hasListeners(name: EventName): boolean
  /** Calls back right before somebody begins to listen to `name`; not for subscribers of `diagnostics_channel`. Returns a function that ends it. */
  onListener(name: EventName, callback: () => void): () => void
}

/**
 * Typed events for applications, and the same ones on `diagnostics_channel` `snapmint:<event>` for tools. A listener that throws breaks nothing: the
 * fault is an event of its own.
 */
export function createEventBus(): EventBus {
  const listeners = new Map<EventName, Set<Listener<never>>>()
  const watchers = new Map<EventName, Set<() => void>>()
  const channels = new Map(eventNames.map((name) => [name, channel(`snapmint:${name}`)]))

  const emit: Emit = (name, event) => {
    const diagnostics = channels.get(name)!
    if (diagnostics.hasSubscribers) diagnostics.publish(event)
    const listening = listeners.get(name)
    if (listening === undefined) return
    for (const listener of [...listening] as Listener<typeof name>[]) {
      try {
        const answer = listener(event)
        if (answer instanceof Promise) answer.catch((error: unknown) => reportFailure(name, error))
      } catch (error) {
        reportFailure(name, error)
      }
    }
  }

  function reportFailure(name: EventName, error: unknown): void {
    // A listener of listener:failed that throws itself has nobody left to tell.
    if (name === 'listener:failed') return
    const message = `A listener of "${name}" threw: ${errorMessage(error)}`
    emit('listener:failed', { event: name, error: new SnapmintError('SNAPMINT_LISTENER_FAILED', message, { cause: error }) })
  }

  return {
    emit,
    hasListeners: (name) => (listeners.get(name)?.size ?? 0) > 0 || channels.get(name)!.hasSubscribers,
    onListener(name, callback) {
      const set = watchers.get(name) ?? new Set()
      watchers.set(name, set)
      set.add(callback)
      return () => void set.delete(callback)
    },
    on(name, listener) {
      if (typeof listener !== 'function')
        throw new TypeError(`Expected the listener of "${name}" to be a function, got ${typeof listener}`)
      const set = listeners.get(name) ?? new Set()
      listeners.set(name, set)
      // Wrapped, so that the same function may listen twice and each ends by itself.
      const entry: Listener<typeof name> = (event) => listener(event)
      for (const callback of watchers.get(name) ?? []) callback()
      set.add(entry as Listener<never>)
      return () => void set.delete(entry as Listener<never>)
    },
  }
}
