import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createS3Double, type S3Double } from './double/s3-double.js'
import { doubleCredentials } from './fixtures/double-sink.js'

const run = promisify(execFile)
const script = new URL('fixtures/without-packages.mjs', import.meta.url).pathname
const built = new URL('../dist/index.js', import.meta.url).href

let double: S3Double

beforeEach(async () => {
  double = await createS3Double()
})

afterEach(() => double.close())

/** What a put answers in a process of its own, which must end by itself. */
async function putWithout(packages: readonly string[], options: Record<string, unknown> = {}) {
  const { endpoint, region } = double
  const all = { bucket: 'pictures', endpoint, region, forcePathStyle: true, credentials: doubleCredentials, ...options }
  const env = { ...process.env, SNAPMINT_TEST_WITHOUT: packages.join(','), NODE_NO_WARNINGS: '1' }
  const { stdout, stderr } = await run(process.execPath, [script, built, JSON.stringify(all)], { env, timeout: 60_000 })
  return { answer: JSON.parse(stdout) as unknown, stderr }
}

describe('s3Sink as published', () => {
  it('stores, prints nothing and leaves nothing running', async () => {
    expect(await putWithout([])).toEqual({ answer: { uri: 's3://pictures/a/1.jpg' }, stderr: '' })
  })

  it('names the package that is missing and the command that installs it, for good', async () => {
    expect((await putWithout(['@aws-sdk/client-s3'])).answer).toMatchObject({
      code: 'SNAPMINT_MISSING_DEPENDENCY',
      retryable: false,
      message: expect.stringContaining('npm install @aws-sdk/client-s3'),
    })
  })

  it('needs the package that signs URLs only for presigned ones', async () => {
    const without = ['@aws-sdk/s3-request-presigner']
    expect((await putWithout(without)).answer).toEqual({ uri: 's3://pictures/a/1.jpg' })
    expect((await putWithout(without, { uri: 'presigned' })).answer).toMatchObject({
      code: 'SNAPMINT_MISSING_DEPENDENCY',
      message: expect.stringContaining('npm install @aws-sdk/s3-request-presigner'),
    })
  })
})
