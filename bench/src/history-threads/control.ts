/**
 * How the threads of the benchmark are led, without messages while they work: a few words of shared memory. A phase has a number; odd ones are worked,
 * even ones are pauses.
 */

/** What the readers do in a phase: nothing; read histories of their own, which nobody writes; or read the one that is written. */
export type Mode = 'alone' | 'apart' | 'together'
const modes: readonly Mode[] = ['alone', 'apart', 'together']

const WORD = { phase: 0, mode: 1 } as const

export interface Control {
  readonly words: Int32Array<SharedArrayBuffer>
}

export function createControl(): Control {
  return { words: new Int32Array(new SharedArrayBuffer(64)) }
}

/** Ends the pause, or the phase of work. */
export function nextPhase({ words }: Control, mode?: Mode): void {
  if (mode !== undefined) Atomics.store(words, WORD.mode, modes.indexOf(mode))
  Atomics.add(words, WORD.phase, 1)
  Atomics.notify(words, WORD.phase)
}

/** Sleeps until `phase` begins. */
export function sleepUntil({ words }: Control, phase: number): void {
  for (let current = Atomics.load(words, WORD.phase); current < phase; current = Atomics.load(words, WORD.phase)) {
    Atomics.wait(words, WORD.phase, current)
  }
}

export const isPhase = ({ words }: Control, phase: number): boolean => Atomics.load(words, WORD.phase) === phase

export const modeOf = ({ words }: Control): Mode => modes[Atomics.load(words, WORD.mode)]!
