import { setTimeout as sleep } from 'node:timers/promises'
import { createPipeline } from '@snapmint/core'
import { ffmpegSource } from '@snapmint/source-ffmpeg'
import { readCounter } from './frame-counter.mjs'

/*
 * What is measured: a process with a whole pipeline, a history of 16 MiB for each of its cameras, which is soon full, and nothing else. Run with the inputs as arguments. Says `ready` when every
 * camera has frames; answers each message with where its histories are.
 */

const inputs = process.argv.slice(2)
const names = inputs.map((_, index) => `camera${index}`)
const pipeline = createPipeline({
  sources: Object.fromEntries(inputs.map((input, index) => [`camera${index}`, ffmpegSource({ input })])),
  history: { durationMs: 60_000, maxBytes: inputs.length * 16 * 2 ** 20 },
})
pipeline.on('source:restarting', ({ source, error }) => console.error(`${source}: ${error.message}`))

/**
 * The newest picture that decodes alone: its number in the stream and in the history.
 * @param {string} name
 */
function newestKey(name) {
  const { reader } = pipeline.history(name)
  const info = reader.latest(120).findLast((frame) => !('type' in frame) || frame.type === 'key')
  const held = info && reader.read(info.sequenceNumber)
  const data = held?.run[0]?.data
  return { counter: data && readCounter(data), sequenceNumber: info?.sequenceNumber }
}

function look() {
  const recent = names.flatMap((name) => pipeline.history(name).reader.latest(150))
  return {
    marks: names.map(newestKey),
    formats: [...new Set(recent.map((frame) => ('codec' in frame ? frame.codec : frame.mimeType)))],
    delays: recent.map((frame) => frame.receiveTime - frame.captureTime),
    restarts: names.reduce((sum, name) => sum + (pipeline.status().sources[name]?.restarts ?? 0), 0),
  }
}

await pipeline.start()
while (look().marks.some(({ counter }) => counter === undefined)) await sleep(100)
process.on('message', () => process.send?.(look()))
process.on('disconnect', () => process.exit())
process.send?.('ready')
