import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createIpfsDouble, type IpfsDouble } from './double/ipfs-double.js'
import { rawCid } from './fixtures/reference-cid.js'

const run = promisify(execFile)
const script = new URL('fixtures/without-packages.mjs', import.meta.url).pathname
const built = new URL('../dist/index.js', import.meta.url).href

let double: IpfsDouble

beforeEach(async () => {
  double = await createIpfsDouble()
})

afterEach(() => double.close())

/** What a put answers in a process of its own, which must end by itself. */
async function putWithout(packages: readonly string[], options: Record<string, unknown> = {}) {
  const env = { ...process.env, SNAPMINT_TEST_WITHOUT: packages.join(','), NODE_NO_WARNINGS: '1' }
  const all = JSON.stringify({ url: double.url, ...options })
  const { stdout, stderr } = await run(process.execPath, [script, built, all], { env, timeout: 60_000 })
  return { answer: JSON.parse(stdout) as unknown, stderr }
}

const cid = rawCid(new Uint8Array(9))

describe('ipfsSink as published', () => {
  it('stores, prints nothing and leaves nothing running', async () => {
    expect(await putWithout([], { verify: true })).toEqual({ answer: { uri: `ipfs://${cid}` }, stderr: '' })
    const { answer } = await putWithout([], { directory: { maxPictures: 9, maxWaitMs: 20 } })
    expect(answer).toEqual({ uri: expect.stringMatching(/^ipfs:\/\/bafybei\w+\/0$/) })
  })

  it('names the package that is missing and the command that installs it, for good', async () => {
    expect((await putWithout(['kubo-rpc-client'])).answer).toMatchObject({
      code: 'SNAPMINT_MISSING_DEPENDENCY',
      retryable: false,
      message: expect.stringContaining('npm install kubo-rpc-client'),
    })
  })
})
