import type { PipelineStatus } from '../pipeline/pipeline-status.js'

/** One figure at one moment. Names and labels follow the Prometheus conventions: base units, `_total` for what only grows. */
export interface MetricSample {
  readonly name: `snapmint_${string}`
  readonly help: string
  readonly type: 'counter' | 'gauge'
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** A status as flat samples. */
export function metricsOf({ state, sources, routes, clockErrorMs }: PipelineStatus): readonly MetricSample[] {
  const samples: MetricSample[] = []
  const add = (
    type: MetricSample['type'],
    name: MetricSample['name'],
    help: string,
    value: number,
    labels: MetricSample['labels'] = {},
  ) => samples.push({ name, help, type, labels, value })

  add('gauge', 'snapmint_up', 'Whether the pipeline runs', state === 'running' ? 1 : 0)
  add('gauge', 'snapmint_clock_error_seconds', "The pipeline's clock minus the wall clock", clockErrorMs / 1000)
  for (const [source, status] of Object.entries(sources)) {
    const labels = { source }
    const { history } = status
    add('gauge', 'snapmint_source_running', 'Whether frames come', status.state === 'running' ? 1 : 0, labels)
    add('counter', 'snapmint_frames_captured_total', 'Frames that entered the history', history.pushed, labels)
    add('counter', 'snapmint_captured_bytes_total', 'Their bytes', history.pushedBytes, labels)
    add('counter', 'snapmint_frames_rejected_total', 'Frames refused', status.rejected, labels)
    add('counter', 'snapmint_source_restarts_total', 'Runs after the first', status.restarts, labels)
    add('gauge', 'snapmint_history_frames', 'Frames held', history.frames, labels)
    add('gauge', 'snapmint_history_bytes', 'Bytes held', history.bytes, labels)
    add('gauge', 'snapmint_history_depth_seconds', 'Newest minus oldest captureTime', history.depthMs / 1000, labels)
    add('gauge', 'snapmint_frame_rate', 'Frames a second, lately', history.frameRate, labels)
  }
  for (const [route, figures] of Object.entries(routes)) {
    add('counter', 'snapmint_jobs_claimed_total', 'Claims taken', figures.claimed, { route })
    for (const outcome of ['done', 'failed', 'retried'] as const) {
      add('counter', 'snapmint_jobs_settled_total', 'Claims settled, by outcome', figures[outcome], { route, outcome })
    }
    add('gauge', 'snapmint_jobs_in_flight', 'Claims not settled yet', figures.inFlight, { route })
    add('gauge', 'snapmint_jobs_waiting', 'Of those, waiting for a coming moment', figures.waiting, { route })
    add('gauge', 'snapmint_held_bytes', 'Bytes of pictures not stored yet', figures.heldBytes, { route })
  }
  return samples
}
