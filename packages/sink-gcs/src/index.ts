export type {
  GcsBucketLike,
  GcsCredentials,
  GcsFileLike,
  GcsInterceptor,
  GcsObjectMetadata,
  GcsStorageLike,
  GcsUploadOptions,
} from './gcs-client.js'
export { gcsSink } from './gcs-sink.js'
export type { GcsResumableOptions, GcsSinkOptions, GcsUri } from './gcs-sink-options.js'
