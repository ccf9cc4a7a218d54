export type {
  S3CallOptions,
  S3CompleteInput,
  S3Credentials,
  S3LikeClient,
  S3ObjectHeaders,
  S3ObjectId,
  S3PartInput,
  S3PartTag,
  S3UploadId,
} from './s3-client.js'
export { s3Sink } from './s3-sink.js'
export type { S3MultipartOptions, S3SinkOptions, S3Uri } from './s3-sink-options.js'
