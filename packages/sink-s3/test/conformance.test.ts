import { frameSinkConformance } from '@snapmint/conformance'
import type { FrameSink } from '@snapmint/core/adapter'
import { describe, it } from 'vitest'
import type { S3SinkOptions } from '../src/s3-sink-options.js'
import { refusal } from './double/refusal.js'
import { createS3Double, type Fault, type S3Double } from './double/s3-double.js'
import { doubleSink, keyOfUri } from './fixtures/double-sink.js'

async function openStore(options: Partial<S3SinkOptions>) {
  const double = await createS3Double()
  const sink = doubleSink(double, options)
  return {
    sink,
    async read(uri: string) {
      const object = double.objects.get(`pictures/${keyOfUri(uri, double.endpoint)}`)
      if (object === undefined) throw new Error(`Nothing at ${uri}`)
      return object.data
    },
    list: async () => [...double.objects.keys()].map((path) => `s3://${path}`),
    async teardown() {
      await sink.close?.()
      await double.close()
    },
  }
}

/** A sink over a double that fails in one way; the double ends with the sink. */
async function failing(fault: Fault | ((double: S3Double) => void), options: Partial<S3SinkOptions> = {}): Promise<FrameSink> {
  const double = await createS3Double()
  if (typeof fault === 'function') fault(double)
  else double.setFault(() => fault)
  const sink = doubleSink(double, options)
  return {
    ...sink,
    async put(media, context) {
      try {
        return await sink.put(media, context)
      } finally {
        await sink.close?.()
        await double.close()
      }
    },
  }
}

const denied = refusal(403, 'AccessDenied', 'Access Denied')

frameSinkConformance({
  describe,
  it,
  name: 's3Sink over a strict double',
  timeoutMs: 15_000,
  create: () => openStore({}),
  failures: [
    { name: 'a denied permission', create: () => failing(denied), code: 'SNAPMINT_SINK_FORBIDDEN', retryable: false },
    {
      name: 'a bucket that does not exist',
      create: () => failing((double) => double.buckets.clear()),
      code: 'SNAPMINT_SINK_FAILED',
      retryable: false,
    },
    { name: 'a store that asks for fewer requests', create: () => failing(refusal(503, 'SlowDown')), retryable: true },
    { name: 'a connection that breaks in the middle', create: () => failing('reset-mid-body'), retryable: true },
    { name: 'an answer that is lost', create: () => failing('answer-lost'), retryable: true },
    {
      name: 'a store that does not answer',
      create: () => failing('hang', { timeoutMs: 50 }),
      code: 'SNAPMINT_SINK_TIMEOUT',
      retryable: true,
    },
    {
      name: 'a store that is full',
      create: () => failing(refusal(403, 'QuotaExceeded')),
      code: 'SNAPMINT_SINK_FULL',
      retryable: true,
    },
  ],
})

frameSinkConformance({
  describe,
  it,
  name: 's3Sink that only creates, reads back, sends parts and answers URLs',
  timeoutMs: 15_000,
  create: () =>
    openStore({
      createOnly: true,
      verify: true,
      uri: 'https',
      prefix: 'frames/2026',
      multipart: { thresholdBytes: 5 * 2 ** 20, partBytes: 5 * 2 ** 20 },
    }),
})
