import type { Pipeline } from '@snapmint/core'
import { cameraTitle } from './choose-camera.js'
import { composePipeline, type Services } from './compose-pipeline.js'
import type { SketchboxConfig } from './config/config.js'
import { plural } from './format.js'
import { reportEvents } from './report-events.js'
import type { Titles } from './titles.js'
import { untilEnd } from './until-end.js'
import { oneLine, UserError } from './user-error.js'

/** How long the end waits for what is under way, in ms; from a camera that does not run nothing more comes. */
const drainMs = { running: 10_000, other: 2_000 } as const

export interface RunOptions {
  readonly config: SketchboxConfig
  readonly services: Services
  readonly titles: Titles
  readonly print: (line: string) => void
  /** Aborted when somebody asks for the end. */
  readonly stop: AbortSignal
  readonly durationMs: number | undefined
  /** Works beside the pipeline; when it resolves, the end has come. Otherwise jobs are told by their receipts. */
  readonly beside?: (signals: { readonly ending: AbortSignal; readonly ended: AbortSignal }) => Promise<void>
}

/** An end that takes longer is explained, in ms. */
const quietEndMs = 1_000

/** Captures and serves the collection until the end. @throws UserError, SnapmintError for what the user can mend. */
export async function runSketchbox({ config, services, titles, print, stop, durationMs, beside }: RunOptions): Promise<void> {
  const onNotice = ({ message }: { readonly message: string }) => print(`! ${oneLine(message)}`)
  const pipeline = compose(config, { ...services, onNotice })
  introduce(config, titles, print)
  reportEvents(pipeline, print, beside === undefined)
  const ending = new AbortController()
  const ended = new AbortController()
  let besides: Promise<void> | undefined
  let hasFailed = false
  try {
    const over = untilEnd(pipeline, AbortSignal.any([stop, ending.signal]), durationMs)
    await Promise.race([pipeline.start({ signal: stop }), over])
    besides = stop.aborted ? undefined : beside?.({ ending: ending.signal, ended: ended.signal })
    await (besides === undefined ? over : Promise.race([over, besides]))
  } catch (error) {
    // Asked to end before the first picture: that is no failure.
    hasFailed = error !== stop.reason
    if (hasFailed) throw error
  } finally {
    ending.abort()
    await end(pipeline, print)
    ended.abort()
    await besides
    // Of a start that failed, the error says all there is to say.
    if (!hasFailed || pipeline.status().sources.easel.accepted > 0) summarise(pipeline, print)
  }
}

async function end(pipeline: Pipeline<'easel'>, print: (line: string) => void): Promise<void> {
  const drainTimeoutMs = pipeline.status().sources.easel.state === 'running' ? drainMs.running : drainMs.other
  const explain = () =>
    print(
      `Ending: what is under way is delivered, for ${drainTimeoutMs / 1000} s at most; the rest is handed back. Ctrl-C ends at once.`,
    )
  const explaining = setTimeout(explain, quietEndMs)
  try {
    await pipeline.stop({ drainTimeoutMs })
  } finally {
    clearTimeout(explaining)
  }
}

/** The adapters check what the settings cannot: their words are for people, too. */
function compose(config: SketchboxConfig, services: Services): Pipeline<'easel'> {
  try {
    return composePipeline(config, services)
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError)
      throw new UserError(`The settings do not fit: ${oneLine(error.message)}`)
    throw error
  }
}

function introduce(config: SketchboxConfig, { firestore, storage }: Titles, print: (line: string) => void): void {
  const { bucket, contract, collection, bufferSize, history, checkpointMs, checkpointDirectory } = config
  const checkpoints = checkpointMs === undefined ? 'none' : `every ${checkpointMs / 1000} s into ${checkpointDirectory}`
  print('Snapmint sketchbox: the picture of that moment')
  print(`  camera       ${cameraTitle(config)}`)
  print(
    `  memory       ${plural(bufferSize, 'picture')}, ${history.durationMs / 1000} s, at most ${Math.round(history.maxBytes / 1e6)} MB`,
  )
  print(`  jobs         collection ${collection} of ${firestore}`)
  print(`  pictures     gs://${bucket}/frames/${contract}/<seconds>.jpg, ${storage}`)
  print(`  checkpoints  ${checkpoints}`)
  print(`  on the way   kept in ${config.holdsDirectory} until they are delivered`)
}

function summarise(pipeline: Pipeline<'easel'>, print: (line: string) => void): void {
  const { sources, routes } = pipeline.status()
  const { done = 0, failed = 0, retried = 0 } = routes.jobs ?? {}
  const parts = [
    `${plural(sources.easel.accepted, 'picture')} captured`,
    `jobs ${done} done, ${failed} failed, ${retried} handed back`,
    plural(routes.checkpoints?.done ?? 0, 'checkpoint'),
  ]
  print(`Ended: ${parts.join('; ')}.`)
}
