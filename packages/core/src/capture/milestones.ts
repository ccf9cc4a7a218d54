import { SnapmintError } from '../errors/snapmint-error.js'
import type { SourceEmit } from './capture-supervisor.js'

/** The two moments that a pipeline's start waits for. */
export interface Milestones {
  readonly firstFrame: Promise<void>
  readonly firstAttempt: Promise<void>
  /** Sees every event of the source. */
  readonly observe: SourceEmit
  /** What has not been reached will not be. */
  stopped(): void
}

/** Derives both from the source's events. Neither raises an unhandled rejection. */
export function createMilestones(name: string): Milestones {
  const firstFrame = createMilestone()
  const firstAttempt = createMilestone()
  return {
    firstFrame: firstFrame.reached,
    firstAttempt: firstAttempt.reached,
    observe(event, payload) {
      if (event === 'source:started') firstFrame.resolve()
      if (event === 'source:started' || event === 'source:restarting' || event === 'source:ended') firstAttempt.resolve()
      if (event === 'source:ended')
        firstFrame.reject(new SnapmintError('SNAPMINT_SOURCE_ENDED', `Source "${name}" ended without a single frame`))
      if (event === 'source:failed' && 'error' in payload) {
        firstFrame.reject(payload.error)
        firstAttempt.reject(payload.error)
      }
    },
    stopped() {
      const error = new SnapmintError(
        'SNAPMINT_PIPELINE_STOPPED',
        `The capture of source "${name}" was stopped before its first frame`,
      )
      firstFrame.reject(error)
      firstAttempt.reject(error)
    },
  }
}

function createMilestone() {
  let resolve = () => {}
  let reject = (_error: SnapmintError) => {}
  const reached = new Promise<void>((yes, no) => {
    resolve = yes
    reject = no
  })
  reached.catch(() => {})
  return { reached, resolve, reject }
}
