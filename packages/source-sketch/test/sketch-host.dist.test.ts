import { Worker } from 'node:worker_threads'
import { frameSourceConformance } from '@snapmint/conformance'
import { describe, expect, it } from 'vitest'
import { readTimeCodeFromJpeg, type sketchSource as SketchSource } from '../src/index.js'

const index = new URL('../dist/index.js', import.meta.url)
const { sketchSource } = (await import(index.href)) as { sketchSource: typeof SketchSource }

/** What core's capture worker does, in short: load the factory, run it, hand the frames over, end when told. */
const program = `
  import { parentPort, workerData } from 'node:worker_threads'
  const { default: factory } = await import(workerData.module)
  const controller = new AbortController()
  parentPort.on('message', () => controller.abort())
  const now = () => performance.timeOrigin + performance.now()
  for await (const { data, captureTime } of factory(workerData.options).frames({ signal: controller.signal, now, allocate: (size) => new Uint8Array(size) }))
    parentPort.postMessage({ data, captureTime })
  parentPort.close()
`

interface Message {
  readonly data: Uint8Array
  readonly captureTime: number
}

function start(options: Parameters<typeof SketchSource>[0]): Worker {
  const { module, options: resolved } = sketchSource(options).host!
  return new Worker(new URL(`data:text/javascript,${encodeURIComponent(program)}`), {
    workerData: { module: module.href, options: resolved },
  })
}

function frames(worker: Worker, count: number): Promise<Message[]> {
  return new Promise((resolve, reject) => {
    const received: Message[] = []
    worker.on('error', reject)
    worker.on('message', (message: Message) => {
      if (received.push(message) === count) resolve(received)
    })
  })
}

describe('the built sketch source in a worker', () => {
  it('delivers frames whose time code is their captureTime, and lets the worker end by itself when aborted', async () => {
    const worker = start({ width: 320, height: 240, frameRate: 60, seed: 1 })
    const ended = new Promise((resolve) => worker.once('exit', resolve))
    for (const { data, captureTime } of await frames(worker, 20)) {
      expect(readTimeCodeFromJpeg(data)).toBe(Math.round(captureTime))
    }
    worker.postMessage('abort')
    expect(await ended).toBe(0)
  })

  it('can be terminated in the middle of its work, again and again, several at a time', async () => {
    for (let round = 0; round < 4; round++) {
      const workers = Array.from({ length: 3 }, () => start({ width: 1920, height: 1080, frameRate: 240, seed: 1 }))
      await Promise.all(workers.map((worker) => frames(worker, 2 + round)))
      expect(await Promise.all(workers.map((worker) => worker.terminate()))).toEqual([1, 1, 1])
    }
  })

  it('loads no native module for capturing', async () => {
    const worker = new Worker(
      new URL(
        `data:text/javascript,${encodeURIComponent(`
          import { parentPort, workerData } from 'node:worker_threads'
          const opened = []
          const dlopen = process.dlopen
          process.dlopen = (...all) => { opened.push(all[1]); return dlopen(...all) }
          const { default: factory } = await import(workerData.module)
          for await (const frame of factory(workerData.options).frames({ signal: new AbortController().signal, now: Date.now, allocate: (size) => new Uint8Array(size) })) break
          parentPort.postMessage(opened)`)}`,
      ),
      { workerData: { module: sketchSource().host!.module.href, options: sketchSource().host!.options } },
    )
    const [opened] = (await frames(worker, 1)) as unknown as string[][]
    expect(opened).toEqual([])
    await worker.terminate()
  })
})

describe('sketchSource', () => {
  frameSourceConformance({
    describe,
    it,
    create: () => sketchSource({ width: 320, height: 240, frameRate: 50, seed: 1 }),
    capabilities: { usesAllocate: true },
  })
})
