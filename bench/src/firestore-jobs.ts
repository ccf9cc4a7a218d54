import { createPipeline, type Frame, type FrameSource, memorySink } from '@snapmint/core'
import { type FirestoreLikeClient, firestoreJobs } from '@snapmint/jobs-firestore'
import { type Emulator, findEmulator, startEmulator } from '../../packages/jobs-firestore/test/fixtures/emulator.js'
import { type BenchResult, judge } from './lib/bench.js'
import { median, pairedRatios, spread } from './lib/statistics.js'
import { printTable } from './lib/table.js'

export const description =
  '5,000 Firestore jobs over 200 moments, against one transaction for each job; latency of single jobs (emulator)'

const JOBS = 5_000
const MOMENTS = 200
const INTERVAL_MS = 100
const ROUNDS = 2
/** Transactions one after the other are slow, and each costs the same. */
const NAIVE_JOBS = 200
const SINGLE_JOBS = 150

type Client = ReturnType<Emulator['client']>

/** Pictures of moments that have passed, then one every 20 ms. */
function camera(firstCaptureTime: number): FrameSource {
  const data = new Uint8Array(20_000).fill(7)
  return {
    specVersion: 1,
    adapter: 'camera',
    async *frames({ signal, now }): AsyncGenerator<Frame> {
      for (let index = 0; index < MOMENTS; index++)
        yield { mimeType: 'image/jpeg', captureTime: firstCaptureTime + index * INTERVAL_MS, data }
      while (!signal.aborted) {
        yield { mimeType: 'image/jpeg', captureTime: now(), data }
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    },
  }
}

async function file(client: Client, collection: string, count: number, dateOf: (index: number) => number): Promise<void> {
  const writer = client.bulkWriter({ throttling: false })
  for (let index = 0; index < count; index++)
    void writer.create(client.collection(collection).doc(), { mediaTimestamp: null, dateCreated: dateOf(index) })
  await writer.close()
}

/** @returns jobs per second, objects stored, and documents that do not have the time of the closest picture. */
async function drain(server: Emulator, collection: string, leaseField: string | undefined) {
  const client = server.client()
  const firstCaptureTime = Date.now() - MOMENTS * INTERVAL_MS - 1_000
  const momentOf = (index: number) => firstCaptureTime + (index % MOMENTS) * INTERVAL_MS
  await file(client, collection, JOBS, momentOf)
  const sink = memorySink()
  const firestore: FirestoreLikeClient = server.client()
  const jobs = firestoreJobs({ firestore, collection, unit: 'milliseconds', leaseField })
  await using pipeline = createPipeline({ source: camera(firstCaptureTime), jobs, sink })
  const all = new Promise<void>((resolve) => {
    let settled = 0
    pipeline.on('job:settled', () => {
      settled += 1
      if (settled === JOBS) resolve()
    })
  })
  const start = performance.now()
  await pipeline.start()
  await all
  const seconds = (performance.now() - start) / 1000
  const { docs } = await client.collection(collection).get()
  const wrong = docs.filter((document) => document.get('mediaTimestamp') !== document.get('dateCreated')).length
  return { jobsPerSecond: JOBS / seconds, objects: sink.objects.size, wrong: wrong + Math.abs(docs.length - JOBS) }
}

/** Reads and updates one document after the other, each in a transaction. */
async function runNaively(server: Emulator, collection: string): Promise<number> {
  const client = server.client()
  await file(client, collection, NAIVE_JOBS, () => Date.now())
  const { docs } = await client.collection(collection).where('mediaTimestamp', '==', null).get()
  const start = performance.now()
  for (const { ref } of docs) {
    await client.runTransaction(async (transaction) => {
      const document = await transaction.get(ref)
      if (document.get('mediaTimestamp') === null) transaction.update(ref, { mediaTimestamp: document.get('dateCreated') })
    })
  }
  return (docs.length * 1000) / (performance.now() - start)
}

/** From a document's creation to its fulfilment, both by the server's clock, in ms. */
async function latencies(server: Emulator, leaseField: string | undefined): Promise<number[]> {
  const client = server.client()
  const collection = `single-${leaseField ?? 'host'}`
  const firestore: FirestoreLikeClient = server.client()
  const jobs = firestoreJobs({ firestore, collection, unit: 'milliseconds', leaseField })
  await using pipeline = createPipeline({ source: camera(Date.now() - 60_000), jobs, sink: memorySink() })
  await pipeline.start()
  const measured: number[] = []
  for (let count = 0; count < SINGLE_JOBS; count++) {
    const reference = client.collection(collection).doc()
    const settled = new Promise<void>((resolve) => {
      const off = pipeline.on('job:settled', ({ id }) => {
        if (id !== reference.id) return
        off()
        resolve()
      })
    })
    await reference.create({ mediaTimestamp: null, dateCreated: Date.now() })
    await settled
    const document = await reference.get()
    const created = document.createTime?.toMillis() ?? Number.NaN
    measured.push((document.updateTime?.toMillis() ?? Number.NaN) - created)
  }
  return measured.sort((a, b) => a - b)
}

const quantile = (sorted: readonly number[], share: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!

export async function run(): Promise<BenchResult> {
  const jar = findEmulator()
  if (jar === undefined) {
    console.log('! Firestore emulator (Google Cloud SDK, Java): not found; nothing is measured')
    return judge({}, {})
  }
  const server = await startEmulator(jar)
  try {
    return await measure(server)
  } finally {
    await server.close()
  }
}

async function measure(server: Emulator): Promise<BenchResult> {
  const single: Awaited<ReturnType<typeof drain>>[] = []
  const leased: Awaited<ReturnType<typeof drain>>[] = []
  const naive: number[] = []
  // The first round warms the server up.
  for (let round = 0; round <= ROUNDS; round++) {
    const figures = [await drain(server, `single-${round}`, undefined), await drain(server, `leased-${round}`, 'lease')] as const
    const transactions = await runNaively(server, `naive-${round}`)
    await server.wipe()
    if (round === 0) continue
    single.push(figures[0])
    leased.push(figures[1])
    naive.push(transactions)
  }
  const alone = await latencies(server, undefined)
  const shared = await latencies(server, 'lease')
  const rates = (runs: typeof single) => runs.map(({ jobsPerSecond }) => jobsPerSecond)
  printTable(
    [`${ROUNDS} rounds of ${JOBS} jobs over ${MOMENTS} moments`, 'median', 'least', 'greatest'],
    [
      ['single-host, jobs per second', ...spread(rates(single))],
      ['with a lease field, jobs per second', ...spread(rates(leased))],
      ['one transaction for each, jobs per second', ...spread(naive)],
      ['ratio, single-host', ...spread(pairedRatios(rates(single), naive))],
      ['ratio, with a lease field', ...spread(pairedRatios(rates(leased), naive))],
    ],
  )
  const figures = {
    jobsPerSecond: median(rates(single)),
    timesTransactions: median(pairedRatios(rates(single), naive)),
    timesTransactionsLeased: median(pairedRatios(rates(leased), naive)),
    objects: Math.max(...[...single, ...leased].map(({ objects }) => objects)),
    wrongDocuments: Math.max(...[...single, ...leased].map(({ wrong }) => wrong)),
    latencyMedianMs: quantile(alone, 0.5),
    latencyP99Ms: quantile(alone, 0.99),
    leasedLatencyMedianMs: quantile(shared, 0.5),
    leasedLatencyP99Ms: quantile(shared, 0.99),
  }
  return judge(figures, {
    timesTransactions: { atLeast: 20 },
    objects: { exactly: MOMENTS },
    wrongDocuments: { exactly: 0 },
    latencyMedianMs: { atMost: 150 },
    latencyP99Ms: { atMost: 1_000 },
    leasedLatencyMedianMs: { atMost: 150 },
    leasedLatencyP99Ms: { atMost: 1_000 },
  })
}
