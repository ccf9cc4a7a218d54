import { setTimeout as sleep } from 'node:timers/promises'
import { SnapmintError } from '@snapmint/core/adapter'
import type { S3Request } from './bounded-request.js'
import { httpStatusOf } from './classify-s3-error.js'

/** An upload in parts; without an id, its beginning was not answered and it may or may not exist. */
export interface BegunUpload {
  readonly Key: string
  UploadId?: string | undefined
}

export interface LeftoversOptions {
  readonly bucket: string
  readonly request: S3Request
  /** How long `close()` may take, in ms. Default 4000: below the five seconds that core gives it. */
  readonly closeMs?: number
}

/** Ends uploads that failed: a store keeps, and charges for, the parts of those that nobody completes or ends. */
export interface Leftovers {
  /** Notes an upload that is about to begin. */
  begin(key: string): BegunUpload
  /** The upload is complete. */
  done(upload: BegunUpload): void
  /** The upload failed: it is ended in the background. */
  add(upload: BegunUpload, error: unknown): void
  /** Resolves when nothing is left, or after `closeMs`. */
  close(): Promise<void>
}

/*
 * A put does not wait for the clearing up after it: it may be over because the store does not answer. Ending an upload can fail as the upload did; it is tried again when the
 * next upload begins or fails, and a few times more in close(). What is left after that, and after a process that was killed, is for the bucket's own lifecycle rule.
 */
export function createLeftovers({ bucket, request, closeMs = 4000 }: LeftoversOptions): Leftovers {
  const running = new Set<BegunUpload>()
  const left = new Set<BegunUpload>()
  const stop = new AbortController()
  let sweeping: Promise<void> | undefined

  async function endUpload(Key: string, UploadId: string): Promise<void> {
    try {
      await request(`end the upload of ${Key} in the bucket ${bucket}`, stop.signal, (client, call) =>
        client.abortMultipartUpload({ Bucket: bucket, Key, UploadId }, call),
      )
    } catch (error) {
      if (httpStatusOf(error) !== 404) throw error
    }
  }

  /** Uploads of this key that are not ours to continue: their beginning was not answered, or an earlier process left them. */
  async function endUnknown(Key: string): Promise<void> {
    const { Uploads = [] } = await request(`list the uploads of ${Key} in the bucket ${bucket}`, stop.signal, (client, call) =>
      client.listMultipartUploads({ Bucket: bucket, Prefix: Key }, call),
    )
    for (const { Key: listed, UploadId } of Uploads) if (listed === Key && UploadId !== undefined) await endUpload(Key, UploadId)
  }

  async function end(upload: BegunUpload): Promise<void> {
    const { Key, UploadId } = upload
    const isRunning = UploadId === undefined && [...running].some((other) => other.Key === Key)
    if (isRunning) return
    try {
      await (UploadId === undefined ? endUnknown(Key) : endUpload(Key, UploadId))
      left.delete(upload)
    } catch (error) {
      const isFinal = SnapmintError.isInstance(error) && !error.retryable
      if (isFinal) left.delete(upload)
    }
  }

  async function sweepOnce(): Promise<void> {
    for (const upload of left) await end(upload)
    sweeping = undefined
  }

  function sweep(): Promise<void> {
    if (left.size > 0) sweeping ??= sweepOnce()
    return sweeping ?? Promise.resolve()
  }

  return {
    begin(Key) {
      const upload: BegunUpload = { Key }
      running.add(upload)
      void sweep()
      return upload
    },
    done(upload) {
      running.delete(upload)
    },
    add(upload, error) {
      running.delete(upload)
      const wasRefused = upload.UploadId === undefined && SnapmintError.isInstance(error) && !error.retryable
      if (wasRefused) return
      left.add(upload)
      void sweep()
    },
    async close() {
      const timer = setTimeout(() => stop.abort(new Error('The s3 sink is closed')), closeMs)
      for (let pauseMs = 25; (left.size > 0 || sweeping !== undefined) && !stop.signal.aborted; pauseMs *= 2) {
        await sweep()
        if (left.size > 0) await sleep(pauseMs, undefined, { signal: stop.signal }).catch(() => {})
      }
      clearTimeout(timer)
    },
  }
}
