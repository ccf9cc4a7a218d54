import type { Pipeline } from '@snapmint/core'
import { formatOffset, formatTime } from './format.js'
import { reportPutTroubles } from './report-put-troubles.js'
import { inSettings, oneLine } from './user-error.js'

/** Tells people what becomes of jobs, and what goes wrong. @param tellsReceipts false: somebody else does. */
export function reportEvents(pipeline: Pipeline<'easel'>, print: (line: string) => void, tellsReceipts: boolean): void {
  pipeline.on('job:settled', ({ route, id, outcome }) => {
    if (outcome.status === 'failed') print(`✗ ${route === 'jobs' ? `job ${id}` : route}: ${oneLine(outcome.error.message)}`)
    if (outcome.status !== 'done' || route !== 'jobs' || !tellsReceipts) return
    for (const { targetTime, captureTime, offsetMs, uris, bytes } of outcome.receipt.frames)
      print(
        `✓ job ${oneLine(id)}: asked for ${formatTime(targetTime)}, the picture is of ${formatTime(captureTime)} (${formatOffset(offsetMs)}): ${uris.join(', ')}, ${bytes} bytes`,
      )
  })
  reportTroubles(pipeline, print)
  reportPutTroubles(pipeline, print)
}

/** Told once, and again only when something else was told in between. */
function reportTroubles(pipeline: Pipeline<'easel'>, print: (line: string) => void): void {
  let last = ''
  const tell = (text: string) => {
    if (text !== last) print(`! ${oneLine(inSettings(text))}`)
    last = text
  }
  pipeline.on('source:started', () => {
    if (last !== '') print('  The camera gives pictures.')
    last = ''
  })
  pipeline.on('source:restarting', ({ error }) => tell(`The camera is tried again: ${error.message}`))
  pipeline.on('source:notice', ({ message }) => tell(`Camera: ${message}`))
  pipeline.on('source:ended', () => tell('The camera has come to its end; the history goes on answering.'))
  pipeline.on('clock:stepped', ({ stepMs }) => tell(`The system's clock was set by ${(stepMs / 1000).toFixed(1)} s.`))
  pipeline.on('jobs:unavailable', ({ route, error }) => tell(`The ${route} cannot be reached, tried again: ${error.message}`))
  pipeline.on('hold:failed', ({ error }) => tell(`Pictures on the way are kept in memory only: ${error.message}`))
}
