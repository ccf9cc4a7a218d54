import { describe, expect, it } from 'vitest'
import { objectHeaders } from '../src/object-headers.js'
import { resolveS3Options } from '../src/resolve-options.js'
import type { S3SinkOptions } from '../src/s3-sink-options.js'
import { makePicture } from './fixtures/make-picture.js'

const headersOf = (media = makePicture(1), jobIds: readonly string[] = ['mint-7'], options: Partial<S3SinkOptions> = {}) =>
  objectHeaders(resolveS3Options({ bucket: 'pictures', ...options }), media, 'k', jobIds)

const bytesOf = (metadata: Record<string, string>) => Object.entries(metadata).flat().join('').length

describe('object headers', () => {
  it('say what the picture is and whom it answers', () => {
    const media = makePicture(1, { captureTime: 1_763_690_400_033.25, source: 'Atelier Süd', mimeType: 'image/png' })
    expect(headersOf(media, ['mint-7', 'a,b ü'], { cacheControl: 'no-store', metadata: { camera: 'north' } })).toEqual({
      Bucket: 'pictures',
      Key: 'k',
      ContentType: 'image/png',
      CacheControl: 'no-store',
      Metadata: {
        camera: 'north',
        'capture-time': '1763690400033.25',
        sha256: media.sha256,
        source: 'Atelier%20S%C3%BCd',
        'job-ids': 'mint-7,a%2Cb%20%C3%BC',
        'job-count': '2',
      },
    })
  })

  it('keep job ids to themselves when asked to, and say nothing of a picture without jobs', () => {
    for (const { Metadata } of [headersOf(undefined, ['secret'], { includeJobIds: false }), headersOf(undefined, [])])
      expect(Object.keys(Metadata).sort()).toEqual(['capture-time', 'sha256', 'source'])
  })

  it('name as many of ten thousand jobs as fit into 2048 bytes, and count all', () => {
    const jobIds = Array.from({ length: 10_000 }, (_item, index) => `mint-${index}-für`)
    const { Metadata } = headersOf(undefined, jobIds, { metadata: { note: 'x'.repeat(1020) } })
    expect(Metadata['job-count']).toBe('10000')
    const named = Metadata['job-ids']!.split(',').map(decodeURIComponent)
    expect(named).toEqual(jobIds.slice(0, named.length))
    expect(named.length).toBeGreaterThan(20)
    expect(bytesOf(Metadata)).toBeLessThanOrEqual(2048)
    expect(bytesOf(Metadata)).toBeGreaterThan(2020)
  })

  it('fit whatever the source is called', () => {
    expect(headersOf(makePicture(1, { source: '画'.repeat(5000) })).Metadata.source).toBeUndefined()
    expect(headersOf(makePicture(1, { source: 'half \ud800' })).Metadata.source).toBe('half%20%EF%BF%BD')
  })

  it('name no job whose id alone is too long', () => {
    const { Metadata } = headersOf(undefined, ['x'.repeat(5000), 'next'])
    expect(Metadata).toMatchObject({ 'job-count': '2' })
    expect(Metadata).not.toHaveProperty('job-ids')
  })
})
