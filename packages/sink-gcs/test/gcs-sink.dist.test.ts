import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createGcsDouble, type GcsDouble } from './double/gcs-double.js'

const run = promisify(execFile)
const script = new URL('fixtures/without-packages.mjs', import.meta.url).pathname
const built = new URL('../dist/index.js', import.meta.url).href

let double: GcsDouble

beforeEach(async () => {
  double = await createGcsDouble()
})

afterEach(() => double.close())

/** What a put answers in a process of its own, which must end by itself. */
async function putWithout(packages: readonly string[], options: Record<string, unknown> = {}) {
  const all = { bucket: 'pictures', apiEndpoint: double.endpoint, ...options }
  const env = {
    ...process.env,
    SNAPMINT_TEST_WITHOUT: packages.join(','),
    METADATA_SERVER_DETECTION: 'none',
    NODE_NO_WARNINGS: '1',
  }
  const { stdout, stderr } = await run(process.execPath, [script, built, JSON.stringify(all)], { env, timeout: 60_000 })
  return { answer: JSON.parse(stdout) as unknown, stderr }
}

describe('gcsSink as published', () => {
  it.each([
    ['in one request', {}],
    ['in a resumable upload', { resumable: { thresholdBytes: 1 } }],
  ])('stores %s, prints nothing and leaves nothing running', async (_how, options) => {
    expect(await putWithout([], options)).toEqual({ answer: { uri: 'gs://pictures/a/1.jpg' }, stderr: '' })
    expect(double.objects.get('pictures/a/1.jpg')!.data).toEqual(Buffer.alloc(9))
  })

  it('names the package that is missing and the command that installs it, for good', async () => {
    expect((await putWithout(['@google-cloud/storage'])).answer).toMatchObject({
      code: 'SNAPMINT_MISSING_DEPENDENCY',
      retryable: false,
      message: expect.stringContaining('npm install @google-cloud/storage'),
    })
  })
})
