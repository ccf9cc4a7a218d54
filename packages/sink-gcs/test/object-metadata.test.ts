import { describe, expect, it } from 'vitest'
import type { GcsSinkOptions } from '../src/gcs-sink-options.js'
import { objectMetadata } from '../src/object-metadata.js'
import { resolveGcsOptions } from '../src/resolve-options.js'
import { makePicture } from './fixtures/make-picture.js'

const metadataOf = (media = makePicture(1), jobIds: readonly string[] = ['mint-7'], options: Partial<GcsSinkOptions> = {}) =>
  objectMetadata(resolveGcsOptions({ bucket: 'pictures', ...options }), media, 'HASH', jobIds)

const bytesOf = (metadata: Record<string, string>) => Object.entries(metadata).flat().join('').length

describe('object metadata', () => {
  it('says what the picture is and whom it answers', () => {
    const media = makePicture(1, { captureTime: 1_763_690_400_033.25, source: 'Atelier Süd', mimeType: 'image/png' })
    expect(metadataOf(media, ['mint-7', 'a,b ü'], { cacheControl: 'no-store', metadata: { Camera: 'north' } })).toEqual({
      contentType: 'image/png',
      cacheControl: 'no-store',
      md5Hash: 'HASH',
      metadata: {
        Camera: 'north',
        captureTime: '1763690400033.25',
        sha256: media.sha256,
        source: 'Atelier%20S%C3%BCd',
        jobIds: 'mint-7,a%2Cb%20%C3%BC',
        jobCount: '2',
      },
    })
  })

  it('keeps job ids to itself when asked to, and says nothing of a picture without jobs', () => {
    for (const { metadata } of [metadataOf(undefined, ['secret'], { includeJobIds: false }), metadataOf(undefined, [])])
      expect(Object.keys(metadata).sort()).toEqual(['captureTime', 'sha256', 'source'])
  })

  it('names as many of ten thousand jobs as fit into 8192 bytes, and counts all', () => {
    const jobIds = Array.from({ length: 10_000 }, (_item, index) => `mint-${index}-für`)
    const { metadata } = metadataOf(undefined, jobIds, { metadata: { note: 'x'.repeat(4092) } })
    expect(metadata.jobCount).toBe('10000')
    const named = metadata.jobIds!.split(',').map(decodeURIComponent)
    expect(named).toEqual(jobIds.slice(0, named.length))
    expect(named.length).toBeGreaterThan(100)
    expect(bytesOf(metadata)).toBeLessThanOrEqual(8192)
    expect(bytesOf(metadata)).toBeGreaterThan(8160)
  })

  it('fits whatever the source is called', () => {
    expect(metadataOf(makePicture(1, { source: '画'.repeat(5000) })).metadata.source).toBeUndefined()
    expect(metadataOf(makePicture(1, { source: 'half \ud800' })).metadata.source).toBe('half%20%EF%BF%BD')
  })

  it('names no job whose id alone is too long', () => {
    const { metadata } = metadataOf(undefined, ['x'.repeat(9000), 'next'])
    expect(metadata).toMatchObject({ jobCount: '2' })
    expect(metadata).not.toHaveProperty('jobIds')
  })
})
