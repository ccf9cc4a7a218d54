import type { GcsBucketLike, GcsCredentials, GcsStorageLike } from './gcs-client.js'

/** How receipts name an object; see {@link GcsSinkOptions.uri}. */
export type GcsUri = 'gs' | 'https' | 'public' | 'signed' | { readonly publicBaseUrl: string }

/** When and how a body is sent in a resumable upload. */
export interface GcsResumableOptions {
  /** Bodies of at least so many bytes are sent so; smaller ones go in one request. From 1. Default 8 MiB. */
  readonly thresholdBytes?: number | undefined
  /** Size of the chunks, a multiple of 256 KiB. Default 8 MiB. */
  readonly chunkBytes?: number | undefined
}

export interface GcsSinkOptions {
  /** Name of the bucket, or a bucket of yours such as `getStorage().bucket()` of `firebase-admin/storage`. It must exist. */
  readonly bucket: string | GcsBucketLike
  /**
   * Name of an object below `prefix`; see `parseKeyTemplate` for the placeholders. Default `{key}`, which is `<source>/<captureTime>.<extension>`. A template
   * without `{captureTime}`, `{key}` or `{sha256}` may give two pictures one name: the later replaces the earlier one, or is refused with `createOnly`.
   */
  readonly template?: string | undefined
  /** Constants for the template, by name. */
  readonly constants?: Readonly<Record<string, string>> | undefined
  /** Stands before every name as it is, with a slash between. Default: none. */
  readonly prefix?: string | undefined
  /** `Cache-Control` of every object, such as `public, max-age=31536000, immutable`. Default: none; Google then says an hour for public objects. */
  readonly cacheControl?: string | undefined
  /**
   * Custom metadata of every object, beside the sink's own `captureTime`, `sha256`, `source`, `jobIds` and `jobCount`. Names of letters, digits and hyphens,
   * values in printable ASCII, together at most 4096 bytes. Default: none.
   */
  readonly metadata?: Readonly<Record<string, string>> | undefined
  /** Keep the ids of the jobs that a picture answers, as many as fit, in its metadata: whoever may read the object sees them. Default true. */
  readonly includeJobIds?: boolean | undefined
  /**
   * Never replace an object: puts say `ifGenerationMatch: 0`. An equal object counts as success, a different one is `SNAPMINT_SINK_CONFLICT`. Firebase's emulator
   * ignores the condition. Default false.
   */
  readonly createOnly?: boolean | undefined
  /** Read every object back and compare its SHA-256 before the put is acknowledged: twice the traffic. Default false. */
  readonly verify?: boolean | undefined
  /**
   * What receipts name. `'gs'`: `gs://bucket/name`, the name as it is. `'https'`: the object's URL, for those who may read it there. `'public'`: the same URL, and
   * every object is made readable by everybody, which buckets with uniform access refuse. `{ publicBaseUrl }`: this URL, then the name, for a bucket behind a
   * domain of its own. `'signed'`: a URL that lets everybody who has it read the object for `signedExpirySeconds`; it is written into receipts, and with them
   * into job records and events. Default `'gs'`.
   */
  readonly uri?: GcsUri | undefined
  /** How long a signed URL is good, from 1 to 604,800 s (a week). Default 3600. */
  readonly signedExpirySeconds?: number | undefined
  readonly resumable?: GcsResumableOptions | undefined
  /** Puts at the same time. Default 8. */
  readonly maxInFlight?: number | undefined
  /**
   * How long one request to the store may take, and how long a resumable upload may go without progress, in ms, up to 2³¹ − 1; core bounds the whole put by its own
   * `put.timeoutMs`. Default 60,000.
   */
  readonly timeoutMs?: number | undefined
  /** Google Cloud project. Default: the SDK's own; storing needs none. */
  readonly projectId?: string | undefined
  /** `https://…` of an emulator, to which no credentials are shown. Default: `STORAGE_EMULATOR_HOST` where set, else Google's. */
  readonly apiEndpoint?: string | undefined
  /** Keys of a service account. Default: Application Default Credentials, asked at the first put. */
  readonly credentials?: GcsCredentials | undefined
  /**
   * What has the bucket, such as `new Storage({ retryOptions: { autoRetry: false, maxRetries: 0 } })` or `getStorage()` of `firebase-admin/storage`: it has its
   * own project, endpoint, credentials and way of retrying. Default: one that the sink makes at the first put.
   */
  readonly storage?: GcsStorageLike | undefined
}
