import type { SourceState } from '../observe/pipeline-events.js'
import { nextSourceState, type SourceTransition, sourceStates } from './source-lifecycle.js'

/*
 * The figures of one source in shared memory, so that the main thread sees them without asking a worker that may be busy or dead, and so that a new
 * worker goes on where the former one ended. They are written by whoever runs the source: the capture thread while it lives, the main
 * thread while there is none.
 */

const words = ['state', 'run', 'restarts', 'failures', 'accepted', 'rejected', 'heartbeat', 'childPid'] as const
const places = Object.fromEntries(words.map((word, index) => [word, index])) as Readonly<Record<(typeof words)[number], number>>
export type CaptureFigure = Exclude<(typeof words)[number], 'state'>

export interface CaptureBoard {
  readonly buffer: SharedArrayBuffer
  get(figure: CaptureFigure): number
  set(figure: CaptureFigure, value: number): void
  /** Adds one and returns the new value; wraps at 2^31. */
  increment(figure: CaptureFigure): number
  state(): SourceState
  /** Applies a transition and returns the new state. */
  apply(transition: SourceTransition): SourceState
}

/** The board in `buffer`, or a new one: state `idle`, every figure zero. */
export function openCaptureBoard(buffer = new SharedArrayBuffer(words.length * Int32Array.BYTES_PER_ELEMENT)): CaptureBoard {
  const board = new Int32Array(buffer)
  const state = () => sourceStates[Atomics.load(board, 0)]!
  return {
    buffer,
    get: (figure) => Atomics.load(board, places[figure]),
    set: (figure, value) => void Atomics.store(board, places[figure], value),
    increment: (figure) => Atomics.add(board, places[figure], 1) + 1,
    state,
    apply(transition) {
      const next = nextSourceState(state(), transition)
      Atomics.store(board, 0, sourceStates.indexOf(next))
      return next
    },
  }
}
