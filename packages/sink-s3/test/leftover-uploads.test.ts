import { describe, expect, it } from 'vitest'
import type { S3Request } from '../src/bounded-request.js'
import { createLeftovers } from '../src/leftover-uploads.js'

const failure = new Error('the put failed')

describe('leftover uploads', () => {
  it('do not keep close() when the store does not answer', async () => {
    let asked = 0
    const hanging: S3Request = (_action, signal) => {
      asked += 1
      return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    }
    const leftovers = createLeftovers({ bucket: 'b', request: hanging, closeMs: 20 })
    leftovers.add({ Key: 'k', UploadId: 'u' }, failure)
    await leftovers.close()
    expect(asked).toBe(1)
  })

  it('are tried again when the next upload begins, and not while one of the same key runs that could be meant', async () => {
    const calls: string[] = []
    let broken = true
    const request: S3Request = async (action) => {
      calls.push(action)
      if (broken) throw new Error('broken')
      return { Uploads: [] } as never
    }
    const leftovers = createLeftovers({ bucket: 'b', request, closeMs: 1000 })
    leftovers.add({ Key: 'k' }, failure)
    leftovers.add({ Key: 'known', UploadId: 'u' }, failure)
    await new Promise(setImmediate)
    expect(calls).toEqual(['list the uploads of k in the bucket b', 'end the upload of known in the bucket b'])
    broken = false
    const running = leftovers.begin('k')
    await new Promise(setImmediate)
    expect(calls.slice(2)).toEqual(['end the upload of known in the bucket b'])
    leftovers.done(running)
    await leftovers.close()
    expect(calls.slice(3)).toEqual(['list the uploads of k in the bucket b'])
  })

  it('close at once when there are none, and again', async () => {
    const leftovers = createLeftovers({ bucket: 'b', request: () => Promise.reject(new Error('nobody should ask')) })
    await Promise.all([leftovers.close(), leftovers.close()])
    await leftovers.close()
    expect(leftovers.begin('k')).toEqual({ Key: 'k' })
  })
})
