import type { S3Credentials, S3LikeClient } from './s3-client.js'

/** How receipts name an object; see {@link S3SinkOptions.uri}. */
export type S3Uri = 's3' | 'https' | 'presigned' | { readonly publicBaseUrl: string }

/** When and how a body is sent in parts. */
export interface S3MultipartOptions {
  /** Bodies of at least so many bytes go in parts. From 5 MiB to 5 GiB. Default 32 MiB. */
  readonly thresholdBytes?: number | undefined
  /** Size of a part; the last one is what remains. From 5 MiB to 5 GiB. Default 8 MiB. */
  readonly partBytes?: number | undefined
  /** Parts of one body that are sent at the same time. From 1. Default 4. */
  readonly maxInFlight?: number | undefined
}

export interface S3SinkOptions {
  /** Name of the bucket, or the ARN of an access point. It must exist. */
  readonly bucket: string
  /**
   * Key of a picture below `prefix`; see `parseKeyTemplate` for the placeholders. Default `{key}`, which is `<source>/<captureTime>.<extension>`. A template
   * without `{captureTime}`, `{key}` or `{sha256}` may give two pictures one key: the later replaces the earlier one, or is refused with `createOnly`.
   */
  readonly template?: string | undefined
  /** Constants for the template, by name. */
  readonly constants?: Readonly<Record<string, string>> | undefined
  /** Stands before every key as it is, with a slash between. Default: none. */
  readonly prefix?: string | undefined
  /** Region of the bucket. Default: the SDK's own (`AWS_REGION`, the profile); with an `endpoint`, `AWS_REGION` or `us-east-1`. */
  readonly region?: string | undefined
  /** `https://…` of a store other than AWS. Default: that of AWS for the region. */
  readonly endpoint?: string | undefined
  /** `https://endpoint/bucket/key` instead of `https://bucket.endpoint/key`: MinIO, Ceph and many others want it. Default false. */
  readonly forcePathStyle?: boolean | undefined
  /** Default: the SDK's own chain (environment, profile, container, instance), asked at the first put. */
  readonly credentials?: S3Credentials | (() => Promise<S3Credentials>) | undefined
  /** `Cache-Control` of every object, such as `public, max-age=31536000, immutable`. Default: none. */
  readonly cacheControl?: string | undefined
  /**
   * User metadata of every object (`x-amz-meta-…`), beside the sink's own `capture-time`, `sha256`, `source`, `job-ids` and `job-count`. Names in lower case,
   * values in printable ASCII, together at most 1024 bytes. Default: none.
   */
  readonly metadata?: Readonly<Record<string, string>> | undefined
  /** Keep the ids of the jobs that a picture answers, as many as fit, in its metadata: whoever may read the object sees them. Default true. */
  readonly includeJobIds?: boolean | undefined
  /**
   * Never replace an object: puts say `If-None-Match: *`. An equal object counts as success, a different one is `SNAPMINT_SINK_CONFLICT`. Stores that ignore the
   * header replace the object all the same; the README names some. Default false.
   */
  readonly createOnly?: boolean | undefined
  /**
   * What receipts name. `'s3'`: `s3://bucket/key`, the key as it is. `'https'`: the object's URL at the endpoint, for those who may read it there.
   * `{ publicBaseUrl }`: this URL, then the key, for a bucket behind a domain of its own. `'presigned'`: a URL that lets everybody who has it read the
   * object for `presignedExpirySeconds`; it is written into receipts, and with them into job records and events. Default `'s3'`.
   */
  readonly uri?: S3Uri | undefined
  /** How long a presigned URL is good, from 1 to 604,800 s (a week). Temporary credentials end it sooner. Default 3600. */
  readonly presignedExpirySeconds?: number | undefined
  /**
   * `'when_supported'`: a CRC32 goes with every body, and the store checks it. `'when_required'`: none, for stores that refuse the header; the signature covers the
   * SHA-256 of the body all the same. Default `'when_supported'`.
   */
  readonly checksums?: 'when_supported' | 'when_required' | undefined
  /** Read every object back and compare its SHA-256 before the put is acknowledged: twice the traffic. Default false. */
  readonly verify?: boolean | undefined
  readonly multipart?: S3MultipartOptions | undefined
  /** Puts at the same time. Default 8. */
  readonly maxInFlight?: number | undefined
  /** How long one request to the store may take, in ms, up to 2³¹ − 1; core bounds the whole put by its own `put.timeoutMs`. Default 60,000. */
  readonly timeoutMs?: number | undefined
  /**
   * A client of yours, such as `new S3({ maxAttempts: 1 })`: it has its own credentials and its own way with checksums, and destroying it is up to you. Default: one that
   * the sink makes at the first put and destroys in `close()`.
   */
  readonly client?: S3LikeClient | undefined
}
