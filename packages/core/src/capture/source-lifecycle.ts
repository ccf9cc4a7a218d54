import type { SourceState } from '../observe/pipeline-events.js'

/** What happens to a source. `retry`: it failed and another run follows. `fail`: it failed for good. */
export type SourceTransition = 'start' | 'frame' | 'retry' | 'end' | 'fail' | 'stop'

/** Where each transition leads; one that is not listed leaves the state as it is. */
export const sourceTransitions: Readonly<Record<SourceState, Partial<Readonly<Record<SourceTransition, SourceState>>>>> = {
  idle: { start: 'starting', fail: 'failed', stop: 'stopped' },
  starting: { frame: 'running', retry: 'restarting', end: 'ended', fail: 'failed', stop: 'stopped' },
  running: { retry: 'restarting', end: 'ended', fail: 'failed', stop: 'stopped' },
  restarting: { start: 'starting', fail: 'failed', stop: 'stopped' },
  ended: {},
  failed: {},
  stopped: {},
}

/** The state after `transition`. */
export function nextSourceState(state: SourceState, transition: SourceTransition): SourceState {
  return sourceTransitions[state][transition] ?? state
}

/** Every state, in the order in which the capture board numbers them. */
export const sourceStates = Object.keys(sourceTransitions) as readonly SourceState[]
