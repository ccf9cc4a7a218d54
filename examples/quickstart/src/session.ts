import { type DirectoryJobs, directoryJobs, type Pipeline } from '@snapmint/core'
import { chooseCamera } from './camera.js'
import { checkpointMs, composePipeline } from './compose-pipeline.js'
import { createDemo } from './demo-jobs.js'
import { createFloodGuard } from './flood-guard.js'
import { type Folders, prepareFolders } from './folders.js'
import { formatPath } from './format.js'
import { openJobFolder } from './job-folder.js'
import type { QuickstartOptions } from './options.js'
import { reportEvents } from './report-events.js'
import { startStatus } from './show-status.js'
import { listenForStop } from './stop-request.js'
import { summarise } from './summary.js'
import { createTerminal, type Terminal } from './terminal.js'
import { untilEnd } from './until-end.js'

/** How long the end waits for what is under way; from a camera that is not running nothing more comes. */
const drainMs = { running: 10_000, other: 2_000 } as const
/** Receipts and failures told between two refreshes of the status; more than that nobody reads. */
const mostLines = 12

interface Session {
  readonly pipeline: Pipeline<'camera'>
  readonly jobs: DirectoryJobs
  readonly folders: Folders
  /** Where the user is. */
  readonly directory: string
  readonly terminal: Terminal
  /** Aborted when somebody asks for the end. */
  readonly stop: AbortSignal
  readonly durationMs: number | undefined
}

/**
 * Captures, serves the jobs in the folder and shows how it fares, until the time is over or a signal asks for the end.
 * @param directory where the user is.
 * @returns the exit code.
 * @throws UserError, SnapmintError for what the user can mend.
 */
export async function runSession(options: QuickstartOptions, directory: string): Promise<number> {
  const { dataDirectory, durationMs } = options
  const camera = await chooseCamera(options)
  const folders = await prepareFolders(dataDirectory)
  const jobs = directoryJobs({ directory: folders.jobs })
  const pipeline = composePipeline(camera.source, jobs, folders)
  const terminal = createTerminal(process.stdout)
  const stop = listenForStop({ signals: process, output: process.stdout, exit: (code) => process.exit(code) })
  introduce(terminal, camera.title, folders, directory)
  try {
    return await serve({ pipeline, jobs, folders, directory, terminal, stop: stop.signal, durationMs })
  } catch (error) {
    // Asked to end before the first picture: that is no failure.
    if (error === stop.signal.reason) return 0
    throw error
  } finally {
    stop.dispose()
  }
}

function introduce({ print }: Terminal, camera: string, folders: Folders, directory: string): void {
  print('Snapmint: the picture of that moment')
  print(`  camera       ${camera}`)
  print(`  jobs         ${formatPath(folders.jobs, directory)} (drop one into new/)`)
  print(`  pictures     ${formatPath(folders.frames, directory)}`)
  print(`  checkpoints  ${formatPath(folders.checkpoints, directory)}, every ${checkpointMs / 1000} s`)
}

async function serve({ pipeline, jobs, folders, directory, terminal, stop, durationMs }: Session): Promise<number> {
  const ending = new AbortController()
  const ended = new AbortController()
  const { print } = terminal
  const demo = createDemo({ pipeline, jobsDirectory: folders.jobs, directory, print, ending: ending.signal, ended: ended.signal })
  const guard = createFloodGuard(print, mostLines)
  const report = reportEvents(pipeline, { directory, print: guard.print, isDemo: demo.owns })
  const folder = await openJobFolder({ jobs, directory: folders.jobs, print: guard.print, isDemo: demo.owns })

  await pipeline.start({ signal: stop })
  const since = performance.now()
  const hideStatus = startStatus({ pipeline, folder, report, terminal, live: process.stdout.isTTY, onRefresh: guard.nextWindow })
  const shown = demo.run()
  const end = untilEnd({ pipeline, stop: AbortSignal.any([stop, ending.signal]), durationMs })
  try {
    await Promise.race([end, shown.then(() => end)])
  } finally {
    ending.abort()
    hideStatus()
    if (isBusy(pipeline)) print(`Finishing what is under way …${stop.aborted ? ' (Ctrl-C again ends at once)' : ''}`)
    const { state } = pipeline.status().sources.camera
    await pipeline.stop({ drainTimeoutMs: state === 'running' ? drainMs.running : drainMs.other })
    ended.abort()
    guard.nextWindow()
  }
  const undelivered = await shown
  await folder.look()
  const { failed, waiting } = folder
  const ranMs = performance.now() - since
  const { line, everyJobDelivered } = summarise({ ranMs, status: pipeline.status(), failed, waiting, undelivered })
  print(line)
  return stop.aborted || everyJobDelivered ? 0 : 1
}

const isBusy = (pipeline: Pipeline<'camera'>): boolean =>
  Object.values(pipeline.status().routes).some(({ inFlight }) => inFlight > 0)
