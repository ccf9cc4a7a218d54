import { setTimeout as sleep } from 'node:timers/promises'
import { type BenchResult, judge } from './lib/bench.js'
import { benchSeconds } from './lib/settings.js'
import { quantile } from './lib/statistics.js'
import { printTable } from './lib/table.js'
import { startChild } from './streams/child.js'
import { makeMaterial } from './streams/material.js'
import { type Look, lostFrames } from './streams/pipeline-look.js'
import { treeCpuSeconds } from './streams/tree-cpu.js'

export const description =
  'how many 1080p30 H.264 cameras one pipeline holds without losing a frame, on this machine, cameras included'

const STEPS = [8, 16, 24, 32, 48, 64]
/** Connecting, and compiling the code, is over by then. */
const SETTLE_MS = 20_000
/** A frame that comes in so late, in ms, says that the machine can no more. */
const LATE_MS = 1_000

interface Step {
  readonly cameras: number
  readonly lost: number
  readonly restarts: number
  readonly delayP99: number
  readonly delayMost: number
  /** Processors that the pipeline and the server keep busy. */
  readonly pipelineCpus: number
  readonly serverCpus: number
}

async function measure(cameras: number, port: number, serverPid: number): Promise<Step> {
  const inputs = Array.from({ length: cameras }, (_, index) => `rtsp://127.0.0.1:${port}/${index}`)
  const pipeline = startChild('./pipeline-process.mjs', inputs)
  try {
    await pipeline.message()
    await sleep(SETTLE_MS)
    const before = await pipeline.ask<Look>()
    const from = { time: performance.now(), pipeline: treeCpuSeconds(pipeline.pid), server: treeCpuSeconds(serverPid) }
    await sleep(benchSeconds(60) * 1000)
    const seconds = (performance.now() - from.time) / 1000
    const after = await pipeline.ask<Look>()
    return {
      cameras,
      lost: lostFrames(before, after),
      restarts: after.restarts,
      delayP99: quantile(after.delays, 0.99),
      delayMost: Math.max(...after.delays),
      pipelineCpus: (treeCpuSeconds(pipeline.pid) - from.pipeline) / seconds,
      serverCpus: (treeCpuSeconds(serverPid) - from.server) / seconds,
    }
  } finally {
    await pipeline.stop()
  }
}

const holds = ({ lost, restarts, delayP99 }: Step) => lost === 0 && restarts === 0 && delayP99 < LATE_MS

export async function run(): Promise<BenchResult> {
  const material = await makeMaterial(['h264'])
  const server = startChild('./rtsp-server.mjs', [material.h264])
  const steps: Step[] = []
  try {
    const { port } = await server.message<{ port: number }>()
    for (const cameras of STEPS) {
      const step = await measure(cameras, port, server.pid)
      steps.push(step)
      if (!holds(step)) break
    }
  } finally {
    await Promise.all([server.stop(), material.remove()])
  }
  printTable(
    ['cameras', 'frames lost', 'restarts', 'delay p99 ms', 'greatest', 'CPUs: pipeline', 'CPUs: cameras'],
    steps.map((step) => [
      ...[step.cameras, step.lost, step.restarts, step.delayP99, step.delayMost],
      ...[step.pipelineCpus, step.serverCpus],
    ]),
  )
  const held = steps.filter(holds).at(-1)
  const figures = {
    camerasWithoutLoss: held?.cameras ?? 0,
    framesLostThen: held?.lost ?? Number.NaN,
    delayP99Milliseconds: held?.delayP99 ?? Number.NaN,
    pipelineCpus: held?.pipelineCpus ?? Number.NaN,
    pipelineCpuPercentPerCamera: ((held?.pipelineCpus ?? Number.NaN) / (held?.cameras ?? Number.NaN)) * 100,
  }
  return judge(figures, { camerasWithoutLoss: { atLeast: 24 } })
}
