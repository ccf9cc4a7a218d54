/** Keys of an account. */
export interface S3Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string | undefined
  /** When they end; a function that gave them is asked again shortly before. */
  readonly expiration?: Date | undefined
}

export interface S3CallOptions {
  readonly abortSignal: AbortSignal
}

export interface S3ObjectId {
  readonly Bucket: string
  readonly Key: string
}

export interface S3UploadId extends S3ObjectId {
  readonly UploadId: string
}

/** What is stored beside the bytes. */
export interface S3ObjectHeaders extends S3ObjectId {
  readonly ContentType: string
  readonly CacheControl?: string
  readonly Metadata: Record<string, string>
}

/** What a store answers of a part, and wants to hear again at the end. */
export interface S3PartTag {
  readonly ETag?: string | undefined
  readonly ChecksumCRC32?: string | undefined
}

export interface S3PartInput extends S3UploadId {
  /** From 1. */
  readonly PartNumber: number
  readonly Body: Uint8Array<ArrayBuffer>
  readonly ChecksumAlgorithm?: 'CRC32'
}

export interface S3CompleteInput extends S3UploadId {
  readonly IfNoneMatch?: '*'
  readonly MultipartUpload: { readonly Parts: (S3PartTag & { readonly PartNumber: number })[] }
}

/**
 * What the sink needs of a client: `new S3({ … })` of `@aws-sdk/client-s3` is one, an object literal in a test another. Answers have more fields than
 * those that the sink reads. Each method rejects with the SDK's errors (`name`, `$metadata.httpStatusCode`, `$response.headers`) and ends when its `abortSignal`
 * aborts.
 */
export interface S3LikeClient {
  putObject(
    input: S3ObjectHeaders & { readonly Body: Uint8Array<ArrayBuffer>; readonly IfNoneMatch?: '*' },
    options: S3CallOptions,
  ): Promise<{ readonly ETag?: string | undefined }>
  headObject(
    input: S3ObjectId,
    options: S3CallOptions,
  ): Promise<{ readonly ContentLength?: number | undefined; readonly Metadata?: Record<string, string> | undefined }>
  /** `Body` has `transformToByteArray()`, as the SDK's streams have. */
  getObject(
    input: S3ObjectId,
    options: S3CallOptions,
  ): Promise<{
    readonly ContentLength?: number | undefined
    readonly Body?: { transformToByteArray(): Promise<Uint8Array> } | undefined
  }>
  createMultipartUpload(
    input: S3ObjectHeaders & { readonly ChecksumAlgorithm?: 'CRC32' },
    options: S3CallOptions,
  ): Promise<{ readonly UploadId?: string | undefined }>
  uploadPart(input: S3PartInput, options: S3CallOptions): Promise<S3PartTag>
  completeMultipartUpload(input: S3CompleteInput, options: S3CallOptions): Promise<unknown>
  abortMultipartUpload(input: S3UploadId, options: S3CallOptions): Promise<unknown>
  listMultipartUploads(
    input: { readonly Bucket: string; readonly Prefix: string },
    options: S3CallOptions,
  ): Promise<{
    readonly Uploads?: readonly { readonly Key?: string | undefined; readonly UploadId?: string | undefined }[] | undefined
  }>
  /** A URL that reads the object for so many seconds. Without it, `@aws-sdk/s3-request-presigner` signs, which only works for a client of the SDK. */
  presign?(object: S3ObjectId, expiresSeconds: number): Promise<string>
  readonly config?: {
    /** This and the next three say where the objects are. Only `uri: 'https'` without the option `endpoint` asks. */
    region?(): Promise<string>
    readonly forcePathStyle?: boolean
    endpoint?(): Promise<{
      readonly protocol: string
      readonly hostname: string
      readonly port?: number | undefined
      readonly path: string
    }>
    /** That of the environment or the profile. */
    serviceConfiguredEndpoint?(): Promise<string | undefined>
    /** Asked, where it is a function, when the store says that the credentials have ended: the next request shall have others. */
    credentials?(options: { readonly forceRefresh: true }): Promise<unknown>
  }
  /** Called by `close()` for the client that the sink made itself, never for one that was given. */
  destroy?(): void
}
