import type { Writable } from 'node:stream'

/** Keys of a service account, named as in its JSON file. */
export interface GcsCredentials {
  readonly client_email: string
  readonly private_key: string
}

/** What the store knows of an object; the fields that the sink reads. */
export interface GcsObjectMetadata {
  readonly size?: string | number | undefined
  /** In base64; composed objects have none. */
  readonly md5Hash?: string | undefined
}

/** Sees every request that is made for a file before it is sent, and may change it. */
export interface GcsInterceptor {
  // biome-ignore lint/suspicious/noExplicitAny: the SDK's type for it differs between versions, and only fields are added to it here.
  request(options: any): any
}

export interface GcsUploadOptions {
  readonly resumable: boolean
  readonly chunkSize?: number
  readonly timeout: number
  /** The hash goes with the body, and the store compares: the SDK need not, which would delete the object where they differ. */
  readonly validation: false
  readonly predefinedAcl?: 'publicRead'
  readonly preconditionOpts?: { readonly ifGenerationMatch: 0 }
  readonly metadata: {
    readonly contentType: string
    readonly cacheControl?: string
    readonly contentLength?: number
    readonly md5Hash: string
    readonly metadata: Record<string, string>
  }
}

/** What the sink needs of a file of `@google-cloud/storage`. */
export interface GcsFileLike {
  /** What the store answered to the upload. */
  readonly metadata?: GcsObjectMetadata | undefined
  /** Where it exists, the sink puts a limit of time and its signal into the requests. */
  readonly interceptors?: GcsInterceptor[] | undefined
  /** Finishes when the object is stored; destroying it ends the upload. */
  createWriteStream(options: GcsUploadOptions): Writable
  getMetadata(): Promise<readonly [GcsObjectMetadata, ...unknown[]]>
  download(options: { readonly validation: false; readonly decompress: false }): Promise<readonly [Uint8Array, ...unknown[]]>
  /** Asked for the host that `uri: 'https'` and `'public'` name. Without it, Google's. */
  publicUrl?(): string
  getSignedUrl(options: {
    readonly version: 'v4'
    readonly action: 'read'
    readonly expires: number
  }): Promise<readonly [string, ...unknown[]]>
}

/**
 * What the sink needs of a bucket: `new Storage().bucket(name)` of `@google-cloud/storage` is one, `getStorage().bucket()` of `firebase-admin/storage` another, an object
 * literal in a test a third.
 */
export interface GcsBucketLike {
  readonly name: string
  file(name: string): GcsFileLike
}

/** What has buckets: `new Storage()` of `@google-cloud/storage`, `getStorage()` of `firebase-admin/storage`. */
export interface GcsStorageLike {
  bucket(name: string): GcsBucketLike
}
