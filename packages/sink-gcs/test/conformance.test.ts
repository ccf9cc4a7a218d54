import { frameSinkConformance } from '@snapmint/conformance'
import type { FrameSink } from '@snapmint/core/adapter'
import { describe, it } from 'vitest'
import type { GcsSinkOptions } from '../src/gcs-sink-options.js'
import { createGcsDouble, type Fault, type GcsDouble } from './double/gcs-double.js'
import { refusal } from './double/refusal.js'
import { doubleSink, keyOfUri } from './fixtures/double-sink.js'

async function openStore(options: Partial<GcsSinkOptions>) {
  const double = await createGcsDouble()
  const sink = doubleSink(double, options)
  return {
    sink,
    async read(uri: string) {
      const object = double.objects.get(`pictures/${keyOfUri(uri)}`)
      if (object === undefined) throw new Error(`Nothing at ${uri}`)
      return object.data
    },
    list: async () => [...double.objects.keys()].map((path) => `gs://${path}`),
    async teardown() {
      await sink.close?.()
      await double.close()
    },
  }
}

/** A sink over a double that fails in one way; the double ends with the sink. */
async function failing(fault: Fault | ((double: GcsDouble) => void), options: Partial<GcsSinkOptions> = {}): Promise<FrameSink> {
  const double = await createGcsDouble()
  if (typeof fault === 'function') fault(double)
  else double.setFault(() => fault)
  const sink = doubleSink(double, options)
  return {
    ...sink,
    async put(media, context) {
      try {
        return await sink.put(media, context)
      } finally {
        await double.close()
      }
    },
  }
}

frameSinkConformance({
  describe,
  it,
  name: 'gcsSink over a strict double',
  timeoutMs: 15_000,
  create: () => openStore({}),
  failures: [
    {
      name: 'a denied permission',
      create: () => failing(refusal(403, 'forbidden', 'x does not have storage.objects.create access')),
      code: 'SNAPMINT_SINK_FORBIDDEN',
      retryable: false,
    },
    {
      name: 'nobody who asks',
      create: () => failing(refusal(401, 'required', 'Anonymous caller')),
      code: 'SNAPMINT_SINK_FORBIDDEN',
      retryable: false,
    },
    {
      name: 'a bucket that does not exist',
      create: () => failing((double) => double.buckets.clear()),
      code: 'SNAPMINT_SINK_FAILED',
      retryable: false,
    },
    { name: 'a request that the store refuses', create: () => failing(refusal(400, 'invalid')), retryable: false },
    { name: 'a store that asks for fewer requests', create: () => failing(refusal(429, 'rateLimitExceeded')), retryable: true },
    { name: 'a store that is out of order', create: () => failing(refusal(503, 'backendError')), retryable: true },
    { name: 'a connection that breaks in the middle', create: () => failing('reset-mid-body'), retryable: true },
    { name: 'bytes that are damaged on the way', create: () => failing('damage'), retryable: true },
    { name: 'an answer that is lost', create: () => failing('answer-lost'), retryable: true },
    {
      // The HTTP client of the SDK's version 7 does not notice, and the limit of time ends it.
      name: 'an answer that is cut off',
      create: () => failing('answer-truncated', { timeoutMs: 200 }),
      retryable: true,
    },
    {
      name: 'a store that does not answer',
      create: () => failing('hang', { timeoutMs: 50 }),
      code: 'SNAPMINT_SINK_TIMEOUT',
      retryable: true,
    },
  ],
})

frameSinkConformance({
  describe,
  it,
  name: 'gcsSink that only creates, reads back, answers URLs and sends resumable uploads',
  timeoutMs: 15_000,
  create: () =>
    openStore({
      createOnly: true,
      verify: true,
      uri: 'https',
      prefix: 'frames/2026',
      resumable: { thresholdBytes: 1, chunkBytes: 256 * 1024 },
    }),
})
