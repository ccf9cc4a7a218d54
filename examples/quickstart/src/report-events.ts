import type { Pipeline } from '@snapmint/core'
import { formatSeconds } from './format.js'
import { receiptLine } from './receipt-line.js'
import { oneLine } from './user-error.js'

export interface ReportOptions {
  /** Where the user is. */
  readonly directory: string
  readonly print: (line: string) => void
  /** Jobs whose receipts somebody else prints. */
  readonly isDemo: (id: string) => boolean
}

export interface Report {
  /** Offset of the picture delivered last; undefined before the first. */
  lastOffsetMs(): number | undefined
}

/** Tells people what happens to jobs, sinks and the camera. */
export function reportEvents(pipeline: Pipeline<'camera'>, { directory, print, isDemo }: ReportOptions): Report {
  let lastOffsetMs: number | undefined
  pipeline.on('job:settled', ({ route, id, outcome }) => {
    // Of failed jobs the folder tells, which also has those that never got into the pipeline.
    if (outcome.status === 'failed' && route !== 'jobs') print(`✗ ${route}: ${oneLine(outcome.error.message)}`)
    if (outcome.status !== 'done' || route !== 'jobs') return
    lastOffsetMs = outcome.receipt.frames.at(-1)?.offsetMs
    if (!isDemo(id)) print(receiptLine(`job ${oneLine(id)}`, outcome.receipt, directory))
  })
  reportTroubles(pipeline, print)
  return { lastOffsetMs: () => lastOffsetMs }
}

/** Told once, and again only when something else was told in between. */
function reportTroubles(pipeline: Pipeline<'camera'>, print: (line: string) => void): void {
  let last = ''
  const tell = (text: string) => {
    if (text !== last) print(`! ${oneLine(text)}`)
    last = text
  }
  pipeline.on('source:started', () => {
    if (last !== '') print('  The camera gives pictures.')
    last = ''
  })
  pipeline.on('source:restarting', ({ error }) => tell(`The camera is tried again: ${error.message}`))
  pipeline.on('source:notice', ({ message }) => tell(`Camera: ${message}`))
  pipeline.on('source:ended', () => tell('The camera has come to its end; the history goes on answering.'))
  pipeline.on('clock:stepped', ({ stepMs }) => tell(`The system's clock was set by ${formatSeconds(stepMs)}.`))
  pipeline.on('jobs:unavailable', ({ route, error }) => tell(`The ${route} cannot be read, tried again: ${error.message}`))
  pipeline.on('put:retrying', ({ error }) => tell(`A picture cannot be stored, tried again: ${error.message}`))
}
