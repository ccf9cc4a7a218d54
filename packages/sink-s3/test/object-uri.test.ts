import { S3 } from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import { objectUri } from '../src/object-uri.js'
import { resolveS3Options } from '../src/resolve-options.js'
import type { S3LikeClient } from '../src/s3-client.js'
import type { S3SinkOptions } from '../src/s3-sink-options.js'

const credentials = { accessKeyId: 'A', secretAccessKey: 'B' }
const noClient = () => Promise.reject(new Error('nobody should ask for a client'))

const uriOf = (options: Partial<S3SinkOptions>, key = 'easel/1.jpg', client: () => Promise<S3LikeClient> = noClient) =>
  objectUri(resolveS3Options({ bucket: 'pictures', ...options }), key, client)

/** Where the SDK itself would send the object: the judge of our URLs. */
async function sdkUrl(config: { region: string; endpoint?: string; forcePathStyle?: boolean }, bucket: string, key: string) {
  const client = new S3({ ...config, credentials, maxAttempts: 1 })
  let seen = ''
  client.middlewareStack.add(
    () => async (args) => {
      const { protocol, hostname, port, path } = args.request as {
        protocol: string
        hostname: string
        port?: number
        path: string
      }
      seen = `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}${path}`
      throw new Error('seen')
    },
    { step: 'finalizeRequest', priority: 'low' },
  )
  await client.putObject({ Bucket: bucket, Key: key, Body: 'x' }).catch(() => {})
  return seen
}

describe('object URI', () => {
  it('is s3://bucket/key by default, the key as it is', async () => {
    expect(await uriOf({}, 'Süd/a%20b#1.jpg')).toBe('s3://pictures/Süd/a%20b#1.jpg')
  })

  it('is below a public URL, the key encoded, with one slash between', async () => {
    for (const publicBaseUrl of ['https://cdn.example/p', 'https://cdn.example/p/'])
      expect(await uriOf({ uri: { publicBaseUrl } }, "a b/Süd#1?%20(1)'.jpg")).toBe(
        'https://cdn.example/p/a%20b/S%C3%BCd%231%3F%2520%281%29%27.jpg',
      )
  })

  it.each<[string, string, { region: string; endpoint?: string; forcePathStyle?: boolean }]>([
    ['in a region of AWS', 'pictures', { region: 'eu-west-1' }],
    ['in us-east-1', 'pictures', { region: 'us-east-1' }],
    ['in China', 'pictures', { region: 'cn-north-1' }],
    ['with a dot in the bucket', 'my.pictures', { region: 'eu-west-1' }],
    ['with path style asked for', 'pictures', { region: 'eu-west-1', forcePathStyle: true }],
    ['at an endpoint with subdomains', 'pictures', { region: 'auto', endpoint: 'https://account.r2.example.com' }],
    [
      'at an endpoint with a port',
      'pictures',
      { region: 'us-east-1', endpoint: 'http://minio.example:9000', forcePathStyle: true },
    ],
    ['at an endpoint without path style', 'pictures', { region: 'us-east-1', endpoint: 'http://minio.example:9000' }],
    ['at an IP address', 'pictures', { region: 'us-east-1', endpoint: 'http://127.0.0.1:9000' }],
    ['at an IPv6 address', 'pictures', { region: 'us-east-1', endpoint: 'http://[::1]:9000' }],
    ['below a path', 'pictures', { region: 'us-east-1', endpoint: 'https://x.example/storage/v1/s3', forcePathStyle: true }],
    ['with a dot in the bucket over HTTP', 'my.pictures', { region: 'us-east-1', endpoint: 'http://s3.example' }],
    ['in a bucket with upper case', 'Pictures', { region: 'us-east-1', endpoint: 'https://s3.example' }],
  ])('is the URL that the SDK puts the object to, %s', async (_where, bucket, config) => {
    const key = "Süd/a b%20#1?x(1)'!*~.jpg"
    const client = new S3({ ...config, credentials })
    const url = await uriOf({ ...config, bucket, uri: 'https' }, key, async () => client)
    // A client of the user's, which alone knows where it goes.
    expect(await uriOf({ bucket, uri: 'https', client }, key, async () => client)).toBe(url)
    const [expected] = (await sdkUrl(config, bucket, key)).split('?x-id')
    expect(url).toBe(expected)
    expect(url).toMatch(/a%20b%2520%231%3Fx%281%29%27%21%2A~\.jpg$/)
  })

  it('is the URL at the endpoint that the environment names, where no option does', async () => {
    process.env.AWS_ENDPOINT_URL_S3 = 'https://minio.example:9000/below'
    try {
      const client = new S3({ region: 'eu-west-1', credentials, forcePathStyle: true })
      const url = await uriOf({ region: 'eu-west-1', uri: 'https', forcePathStyle: true }, 'k', async () => client)
      expect(url).toBe('https://minio.example:9000/below/pictures/k')
      expect(url).toBe((await sdkUrl({ region: 'eu-west-1', forcePathStyle: true }, 'pictures', 'k')).split('?')[0])
    } finally {
      delete process.env.AWS_ENDPOINT_URL_S3
    }
  })

  it("takes the region from the client where the options name none, and AWS's first region where nobody does", async () => {
    const client = { config: { region: async () => 'ap-south-1' } } as unknown as S3LikeClient
    expect(await uriOf({ uri: 'https' }, 'k', async () => client)).toBe('https://pictures.s3.ap-south-1.amazonaws.com/k')
    expect(await uriOf({ uri: 'https' }, 'k', async () => ({}) as S3LikeClient)).toBe(
      'https://pictures.s3.us-east-1.amazonaws.com/k',
    )
  })

  it('is signed by the client itself where it can', async () => {
    const signed: unknown[] = []
    const presign = async (...args: unknown[]) => {
      signed.push(args)
      return 'https://signed'
    }
    const client = { presign } as unknown as S3LikeClient
    expect(await uriOf({ uri: 'presigned', presignedExpirySeconds: 60 }, 'k', async () => client)).toBe('https://signed')
    expect(signed).toEqual([[{ Bucket: 'pictures', Key: 'k' }, 60]])
  })
})
