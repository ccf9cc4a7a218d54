/** Checked by `tsc` alone: what must compile, and what must not. */
import { createPipeline, type FrameSink, type FrameSource, type Job, type JobSource } from '../../src/index.js'

declare const camera: FrameSource
declare const sink: FrameSink
declare const anyJobs: JobSource<Job>
declare const easelJobs: JobSource<Job<'easel'>>
interface MintEvent {
  readonly tokenId: bigint
  readonly blockTimeMs: number
}
declare const mints: JobSource<MintEvent>
declare const ticks: JobSource<{ readonly targetTime: number }>

export async function usage(): Promise<void> {
  await using pipeline = createPipeline({
    sources: { easel: camera, desk: camera },
    history: { durationMs: 150_000, maxBytes: 512 * 2 ** 20, perSource: { desk: { durationMs: 1_000 } } },
    routes: [
      { jobs: mints, sinks: [sink], select: (job) => ({ source: 'easel', targetTime: job.blockTimeMs }) },
      { name: 'checkpoints', jobs: ticks, sinks: [sink, sink] },
      { jobs: anyJobs, sinks: [sink] },
      { jobs: easelJobs, sinks: [sink] },
      {
        jobs: mints,
        sinks: [sink],
        select: (job) => [
          { source: 'easel', targetTime: job.blockTimeMs },
          { source: 'desk', targetTime: job.blockTimeMs, match: 'before' },
        ],
      },
    ],
  })
  await pipeline.start()
  await pipeline.snapshot('desk', { at: Date.now() })
  pipeline.status().sources.easel.history.depthMs satisfies number
  pipeline.on('job:settled', ({ outcome }) => outcome.status satisfies 'done' | 'retry' | 'failed')

  // @ts-expect-error no such source
  await pipeline.snapshot('sofa')
  // @ts-expect-error no such event
  pipeline.on('job:setled', () => {})
  // @ts-expect-error no such source in the status
  pipeline.status().sources.sofa
}

export function shortForm(): void {
  createPipeline({ source: camera, jobs: anyJobs, sink })
  createPipeline({ source: camera, jobs: mints, sink, select: (job) => ({ targetTime: job.blockTimeMs }) })
  // @ts-expect-error a mint event does not say which frame it wants
  createPipeline({ source: camera, jobs: mints, sink })
}

export function routes(): void {
  // @ts-expect-error 'sofa' is no source of this pipeline
  createPipeline({
    sources: { easel: camera },
    routes: [{ jobs: mints, sinks: [sink], select: (job) => ({ source: 'sofa', targetTime: job.blockTimeMs }) }],
  })
  // @ts-expect-error a mint event needs a select
  createPipeline({
    sources: { easel: camera },
    routes: [{ jobs: mints, sinks: [sink] }],
  })
  // @ts-expect-error these jobs name 'easel', this pipeline has only 'desk'
  createPipeline({
    sources: { desk: camera },
    routes: [{ jobs: easelJobs, sinks: [sink] }],
  })
  createPipeline({
    sources: { desk: camera },
    // @ts-expect-error a share for a source that is not there
    history: { perSource: { sofa: {} } },
  })
}

export function sinksGetOwnedBytes(): void {
  const shared = new Uint8Array(new SharedArrayBuffer(1))
  // @ts-expect-error a view of shared memory is not what a sink receives
  const data: Parameters<FrameSink['put']>[0]['data'] = shared
  void data
}
