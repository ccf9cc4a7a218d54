import { openHistoryWriter } from '../history/history-writer.js'
import { openClock } from '../time/pipeline-clock.js'
import type { CaptureRunner, CaptureRunnerOptions } from './capture-runner.js'
import { createCaptureSupervisor } from './capture-supervisor.js'

/** Runs a source in this thread: for sources without a `host`. A blocked event loop delays it. */
export function createInlineCapture(options: CaptureRunnerOptions): CaptureRunner {
  const { source, history, clock } = options
  const supervisor = createCaptureSupervisor({
    ...options,
    adapter: source.adapter,
    finite: source.finite === true,
    open: () => source,
    writer: openHistoryWriter(history),
    clock: openClock(clock),
    replaceable: false,
  })
  let over: Promise<unknown> | undefined
  return {
    start() {
      over = supervisor.run()
    },
    async stop() {
      supervisor.stop()
      await over
    },
  }
}
