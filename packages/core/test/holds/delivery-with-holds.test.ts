import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createPipeline, type Job } from '../../src/index.js'
import { cleanUpAfterEach, temporaryFolder } from '../builtin/temporary-folder.js'
import { jpeg, pushSource, recordingSink, scriptedJobs, until } from '../fixtures/test-adapters.js'
import { killOwner, picturesIn } from './support.js'

cleanUpAfterEach()

const hang = () => new Promise(() => {})

function start(directory: string) {
  const source = pushSource()
  const jobs = scriptedJobs<Job>()
  const sink = recordingSink()
  const pipeline = createPipeline({ source, jobs, sink, holds: { directory } })
  const outcome = (token: string) => jobs.outcomes.find((one) => one.token === token)
  const frame = (token: string) => {
    const found = outcome(token)
    return found?.status === 'done' ? found.receipt.frames[0] : undefined
  }
  return { source, jobs, sink, pipeline, frame, outcome }
}

/** A pipeline whose sink hangs on the picture of 1000, matched to job 1, and which then is as good as killed. */
async function killedInPut(directory: string) {
  const first = start(directory)
  first.sink.behave = hang
  first.source.push(jpeg(1000), jpeg(2000))
  await first.pipeline.start()
  first.jobs.add({ targetTime: 1100 })
  await until(() => first.sink.puts.length === 1)
  killOwner(directory)
  return first
}

describe('a pipeline with holds', () => {
  it('delivers after a kill the picture that was matched before it, under the same key', async () => {
    const directory = temporaryFolder()
    const first = await killedInPut(directory)
    const second = start(directory)
    second.source.push(jpeg(9000), jpeg(9500))
    await second.pipeline.start()
    second.jobs.addClaims({ id: '1', token: 'again', attempt: 2, job: { targetTime: 1100 } })
    await until(() => second.outcome('again') !== undefined)
    expect(second.frame('again')).toMatchObject({ captureTime: 1000, offsetMs: -100, bytes: 100 })
    const [before, after] = [first.sink.puts[0]!, second.sink.puts[0]!]
    expect(after.context.key).toBe(before.context.key)
    expect(after.media).toEqual(before.media)
    await second.pipeline.stop()
    expect(picturesIn(directory)).toEqual([])
    await first.pipeline.stop({ drainTimeoutMs: 0 })
  })

  it('looks a job up afresh that asks for another moment now, and one whose picture is damaged', async () => {
    const directory = temporaryFolder()
    const first = await killedInPut(directory)
    first.jobs.add({ targetTime: 1900 })
    await until(() => first.sink.puts.length === 2)
    const dropped: string[] = []
    for (const name of picturesIn(directory)) writeFileSync(join(directory, 'pictures', name), new Uint8Array(100))
    const second = start(directory)
    second.pipeline.on('hold:dropped', ({ reason, count }) => dropped.push(`${reason} ${count}`))
    second.source.push(jpeg(9000), jpeg(9500))
    await second.pipeline.start()
    second.jobs.addClaims({ id: '1', token: 'changed', attempt: 2, job: { targetTime: 9400 } })
    second.jobs.addClaims({ id: '2', token: 'damaged', attempt: 2, job: { targetTime: 1900 } })
    await until(() => second.jobs.outcomes.length === 2)
    expect(second.frame('changed')).toMatchObject({ captureTime: 9500 })
    expect(second.frame('damaged')).toMatchObject({ captureTime: 9000 })
    expect(dropped.sort()).toEqual(['changed 1', 'damaged 1'])
    await second.pipeline.stop()
    await first.pipeline.stop({ drainTimeoutMs: 0 })
  })

  it('holds those that join a picture under way, and those that are answered by a receipt from before', async () => {
    const directory = temporaryFolder()
    const first = start(directory)
    const { jobs, sink } = first
    let release = () => {}
    sink.behave = (_media, { key }) => new Promise((resolve) => (release = () => resolve({ uri: key })))
    first.source.push(jpeg(1000), jpeg(2000))
    await first.pipeline.start()
    jobs.add({ targetTime: 1000 })
    await until(() => sink.puts.length === 1)
    let recover = () => {}
    const broken = new Promise<void>((resolve) => {
      recover = resolve
    })
    jobs.fail.settle = () => broken
    jobs.add({ targetTime: 1001 })
    await until(() => first.pipeline.status().routes.jobs!.claimed === 2)
    release()
    await new Promise((resolve) => setTimeout(resolve, 20))
    jobs.add({ targetTime: 1002 })
    await until(() => first.pipeline.status().routes.jobs!.claimed === 3)
    await new Promise((resolve) => setTimeout(resolve, 40))
    killOwner(directory)
    const second = start(directory)
    second.source.push(jpeg(9000), jpeg(9500))
    await second.pipeline.start()
    for (const [id, targetTime] of [
      ['1', 1000],
      ['2', 1001],
      ['3', 1002],
    ] as const)
      second.jobs.addClaims({ id, token: `again ${id}`, attempt: 2, job: { targetTime } })
    await until(() => second.jobs.outcomes.length === 3)
    expect(['1', '2', '3'].map((id) => second.frame(`again ${id}`)?.captureTime)).toEqual([1000, 1000, 1000])
    expect([sink.puts.length, second.sink.puts.length]).toEqual([1, 1])
    await second.pipeline.stop()
    recover()
    await first.pipeline.stop({ drainTimeoutMs: 0 })
  })

  it('gives all pictures of a job again: to every sink, also to one that had them, without another render', async () => {
    const directory = temporaryFolder()
    let rendered = 0
    const startTwo = async (captureTimes: readonly number[]) => {
      const sources = { easel: pushSource(), desk: pushSource() }
      const [whole, hanging] = [recordingSink(), recordingSink()]
      const jobs = scriptedJobs<{ targetTime: number }>()
      const render = async () => ({ mimeType: 'image/png', data: Uint8Array.of(++rendered) }) as const
      const pipeline = createPipeline({
        sources,
        holds: { directory },
        routes: [{ name: 'jobs', jobs, sinks: [whole, hanging], render }],
      })
      for (const source of Object.values(sources)) source.push(...captureTimes.map((time) => jpeg(time)))
      return { whole, hanging, jobs, pipeline }
    }
    const picturesOf = ({ puts }: ReturnType<typeof recordingSink>) =>
      new Map(puts.map(({ media, context }) => [context.key, { ...media, data: [...media.data] }]))

    const first = await startTwo([1000, 2000])
    first.hanging.behave = hang
    await first.pipeline.start()
    first.jobs.add({ targetTime: 1100 })
    await until(() => first.whole.puts.length === 2 && first.hanging.puts.length === 2)
    killOwner(directory)

    const second = await startTwo([9000, 9500])
    await second.pipeline.start()
    second.jobs.addClaims({ id: '1', token: 'again', attempt: 2, job: { targetTime: 1100 } })
    await until(() => second.jobs.outcomes.length === 1)
    expect(second.jobs.outcomes).toMatchObject([
      {
        status: 'done',
        receipt: {
          frames: [
            { source: 'easel', captureTime: 1000 },
            { source: 'desk', captureTime: 1000 },
          ],
        },
      },
    ])
    expect(rendered).toBe(2)
    for (const sink of [second.whole, second.hanging]) expect(picturesOf(sink)).toEqual(picturesOf(first.whole))
    await second.pipeline.stop()
    await first.pipeline.stop({ drainTimeoutMs: 0 })
  })

  it('refuses a folder that another live pipeline has, and takes it once that has stopped', async () => {
    const directory = temporaryFolder()
    const first = start(directory)
    first.source.push(jpeg(1000))
    await first.pipeline.start()
    const second = start(directory)
    second.source.push(jpeg(1000))
    await expect(second.pipeline.start()).rejects.toMatchObject({ code: 'SNAPMINT_HOLDS_IN_USE' })
    expect(second.pipeline.status().state).toBe('failed')
    await first.pipeline.stop()
    const third = start(directory)
    third.source.push(jpeg(1000))
    await third.pipeline.start()
    await third.pipeline.stop()
  })

  it('does not start where a file is in the way', async () => {
    const directory = join(temporaryFolder(), 'file')
    writeFileSync(directory, '')
    await expect(start(directory).pipeline.start()).rejects.toMatchObject({ code: 'SNAPMINT_DIRECTORY_UNUSABLE' })
  })

  it('keeps the hold of a job that is handed back', async () => {
    const directory = temporaryFolder()
    const first = start(directory)
    first.sink.behave = hang
    first.source.push(jpeg(1000), jpeg(2000))
    await first.pipeline.start()
    first.jobs.add({ targetTime: 1100 })
    await until(() => first.sink.puts.length === 1)
    await first.pipeline.stop({ drainTimeoutMs: 0 })
    expect(first.outcome('t1')).toMatchObject({ status: 'retry' })
    const second = start(directory)
    second.source.push(jpeg(9000), jpeg(9500))
    await second.pipeline.start()
    second.jobs.addClaims({ id: '1', token: 'again', attempt: 2, job: { targetTime: 1100 } })
    await until(() => second.outcome('again') !== undefined)
    expect(second.frame('again')).toMatchObject({ captureTime: 1000 })
    await second.pipeline.stop()
  })

  it('rejects wrong options', () => {
    const parts = () => ({ source: pushSource(), jobs: scriptedJobs<Job>(), sink: recordingSink() })
    const make = (holds: unknown) => () => createPipeline({ ...parts(), holds: holds as never })
    expect(make('folder')).toThrow('Expected `holds` to be an object')
    expect(make({})).toThrow('Expected `holds.directory` to be a non-empty string')
    expect(make({ directory: 'a', maxByte: 1 })).toThrow('Unknown option `maxByte` for holds')
    expect(make({ directory: 'a\0' })).toThrow('NUL')
    expect(make({ directory: 'a', maxBytes: 0 })).toThrow(RangeError)
    expect(make({ directory: 'a', maxAgeMs: '1' })).toThrow(TypeError)
    expect(make({ directory: 'a', fsync: 1 })).toThrow('Expected `holds.fsync` to be true or false')
  })
})
