import type { S3ClientConfig } from '@aws-sdk/client-s3'
import { SnapmintError } from '@snapmint/core/adapter'
import type { ResolvedS3Options } from './resolve-options.js'
import type { S3LikeClient, S3ObjectId } from './s3-client.js'

/** Loads the SDK and makes a client that leaves retrying, redirects and messages to others. @throws `SNAPMINT_MISSING_DEPENDENCY` */
export async function createSdkClient(options: ResolvedS3Options): Promise<S3LikeClient> {
  const { S3 } = await loaded('@aws-sdk/client-s3', () => import('@aws-sdk/client-s3'))
  const { endpoint, forcePathStyle, credentials } = options
  // A store of another maker seldom has regions, but the signature needs the name of one.
  const region = options.region ?? (endpoint === undefined ? undefined : (process.env.AWS_REGION ?? 'us-east-1'))
  const checksums = options.checksums === 'when_supported' ? 'WHEN_SUPPORTED' : 'WHEN_REQUIRED'
  return new S3({
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(forcePathStyle === undefined ? {} : { forcePathStyle }),
    // Its type knows no `undefined` in optional fields, which mean the same to it.
    ...(credentials === undefined ? {} : { credentials: credentials as NonNullable<S3ClientConfig['credentials']> }),
    requestChecksumCalculation: checksums,
    responseChecksumValidation: checksums,
    maxAttempts: 1,
    // The sink bounds its requests itself; with a limit of its own the SDK would print a warning when it is reached.
    requestHandler: { httpAgent: { maxSockets: Infinity }, httpsAgent: { maxSockets: Infinity } },
  })
}

/** @throws `SNAPMINT_MISSING_DEPENDENCY` */
export async function presignGet(client: S3LikeClient, object: S3ObjectId, expiresSeconds: number): Promise<string> {
  if (client.presign !== undefined) return client.presign(object, expiresSeconds)
  const { GetObjectCommand } = await loaded('@aws-sdk/client-s3', () => import('@aws-sdk/client-s3'))
  const { getSignedUrl } = await loaded('@aws-sdk/s3-request-presigner', () => import('@aws-sdk/s3-request-presigner'))
  type SdkClient = Parameters<typeof getSignedUrl>[0]
  return getSignedUrl(client as unknown as SdkClient, new GetObjectCommand(object), { expiresIn: expiresSeconds })
}

async function loaded<Module>(name: string, load: () => Promise<Module>): Promise<Module> {
  try {
    return await load()
  } catch (cause) {
    const message = `The s3 sink needs the package ${name}, which cannot be loaded: run \`npm install ${name}\``
    throw new SnapmintError('SNAPMINT_MISSING_DEPENDENCY', message, { adapter: 's3', cause })
  }
}
