import { frameSinkConformance } from '@snapmint/conformance'
import type { FrameSink } from '@snapmint/core/adapter'
import { describe, it } from 'vitest'
import { ipfsSink } from '../src/ipfs-sink.js'
import type { IpfsSinkOptions } from '../src/ipfs-sink-options.js'
import { createIpfsDouble, type Fault, refusal } from './double/ipfs-double.js'
import { createPinningDouble } from './double/pinning-double.js'
import { clients } from './fixtures/clients.js'

async function openStore(optionsOf: (url: string) => IpfsSinkOptions) {
  const double = await createIpfsDouble()
  const sink = ipfsSink(optionsOf(double.url))
  return {
    sink,
    read: async (uri: string) => double.read(uri.replace(/^https:\/\/gateway\.example\/ipfs\//, 'ipfs://')),
    list: async () => [...double.pins].map((cid) => `ipfs://${cid}`),
    async teardown() {
      await sink.close?.()
      await double.close()
    },
  }
}

/** A sink over a double that fails in one way; the double ends with the sink. */
async function failing(fault: Fault, options: Partial<IpfsSinkOptions> = {}): Promise<FrameSink> {
  const double = await createIpfsDouble()
  double.setFault(() => fault)
  const sink = ipfsSink({ url: double.url, ...options })
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

frameSinkConformance({
  describe,
  it,
  name: 'ipfsSink through its own client',
  timeoutMs: 15_000,
  capabilities: { keyed: false },
  create: () => openStore((url) => ({ url })),
  failures: [
    {
      name: 'a node that wants an authorization',
      create: () => failing(refusal(403)),
      code: 'SNAPMINT_SINK_FORBIDDEN',
      retryable: false,
    },
    {
      name: 'an address that is no RPC API',
      create: () => failing(refusal(404)),
      code: 'SNAPMINT_SINK_FAILED',
      retryable: false,
    },
    { name: 'a node with a fault', create: () => failing(refusal(500, 'lock')), code: 'SNAPMINT_SINK_FAILED', retryable: true },
    {
      name: 'a node that is full',
      create: () => failing(refusal(500, 'write /data/x: no space left on device')),
      code: 'SNAPMINT_SINK_FULL',
      retryable: true,
    },
    {
      name: 'a node that answers another CID',
      create: () => failing('wrong-cid'),
      code: 'SNAPMINT_SINK_FAILED',
      retryable: true,
    },
    { name: 'a connection that breaks', create: () => failing('reset'), retryable: true },
    { name: 'an answer that is cut off', create: () => failing('answer-truncated'), retryable: true },
    {
      name: 'a node that does not answer',
      create: () => failing('hang', { timeoutMs: 50 }),
      code: 'SNAPMINT_SINK_TIMEOUT',
      retryable: true,
    },
  ],
})

frameSinkConformance({
  describe,
  it,
  name: 'ipfsSink through ipfs-http-client, naming files and answering gateway URLs',
  timeoutMs: 15_000,
  capabilities: { keyed: false },
  create: () =>
    openStore((url) => ({
      client: clients[1]![1](url),
      verify: true,
      mfsPath: '/snapmint/{key}',
      gateway: 'https://gateway.example',
    })),
})

frameSinkConformance({
  describe,
  it,
  name: 'ipfsSink that gathers pictures into folders',
  timeoutMs: 15_000,
  // Two pictures in folders of their own have the same name, if they have the same bytes.
  capabilities: { keyed: false },
  create: () => openStore((url) => ({ url, directory: { maxPictures: 8, maxWaitMs: 20 }, verify: true })),
})

frameSinkConformance({
  describe,
  it,
  name: 'ipfsSink with a pinning service',
  timeoutMs: 15_000,
  capabilities: { keyed: false },
  async create() {
    const service = await createPinningDouble()
    const { endpoint, token } = service
    const store = await openStore((url) => ({ url, pinningServices: [{ endpoint, token, pollMs: 1 }] }))
    const teardown = async () => {
      await store.teardown()
      await service.close()
    }
    return { ...store, teardown }
  },
})
