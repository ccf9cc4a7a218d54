import { type FrameSink, SnapmintError } from '@snapmint/core'

/** How often it is tried again, in ms. */
const pauseMs = 15_000

/**
 * A sink whose refusals are taken for passing ones where the operator can mend them: missing credentials, a missing permission, a bucket that is not there. Without it each job
 * at hand would be closed as failed, which the original never did: the documents wait until somebody has put it right.
 */
export function patientSink(sink: FrameSink): FrameSink {
  return {
    ...sink,
    async put(media, context) {
      try {
        return await sink.put(media, context)
      } catch (error) {
        if (!SnapmintError.isInstance(error) || !isMendable(error)) throw error
        const { code, message, adapter } = error
        throw new SnapmintError(code, message, { adapter, cause: error, retryable: true, retryAfterMs: pauseMs })
      }
    },
  }
}

const isMendable = ({ code, retryable, message }: SnapmintError) =>
  !retryable && (code === 'SNAPMINT_SINK_FORBIDDEN' || (code === 'SNAPMINT_SINK_FAILED' && message.includes('no such bucket')))
