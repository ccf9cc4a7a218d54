import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { DeliveredFrame, PipelineStatus } from '@snapmint/core'
import { describe, expect, it } from 'vitest'
import { createFloodGuard } from '../src/flood-guard.js'
import { formatPlace } from '../src/format.js'
import { receiptLine } from '../src/receipt-line.js'
import { type StatusView, statusLine } from '../src/status-line.js'
import { summarise } from '../src/summary.js'

const here = resolve('/home/ada')
const targetTime = new Date(2026, 10, 21, 17, 4, 5, 678).getTime()

describe('receiptLine', () => {
  const frame = (offsetMs: number): DeliveredFrame => ({
    source: 'camera',
    targetTime,
    captureTime: targetTime + offsetMs,
    offsetMs,
    uris: [pathToFileURL(join(here, 'data', 'frame.jpg')).href],
    mimeType: 'image/jpeg',
    bytes: 84_321,
    sha256: '',
  })

  it.each([
    [0, 'the picture is of 17:04:05.678, exactly at it'],
    [12, 'the picture is of 17:04:05.690, 12 ms after it'],
    [-3, 'the picture is of 17:04:05.675, 3 ms before it'],
    [90_000, 'the picture is of 17:05:35.678, 90.0 s after it'],
  ])('says how far a picture is off by %d ms', (offsetMs, text) => {
    const line = receiptLine('now', { frames: [frame(offsetMs)] }, here)
    expect(line).toBe(`✓ now: asked for 17:04:05.678, ${text}\n    ${join('data', 'frame.jpg')} (85 kB)`)
  })
})

describe('formatPlace', () => {
  it('shows the whole path of what lies elsewhere, and any other URI as it is', () => {
    const elsewhere = resolve('/mnt/frame.jpg')
    expect(formatPlace(pathToFileURL(elsewhere).href, here)).toBe(elsewhere)
    expect(formatPlace('gs://bucket/frame.jpg', here)).toBe('gs://bucket/frame.jpg')
  })
})

describe('statusLine', () => {
  const view: StatusView = {
    camera: 'running',
    frameRate: 29.97,
    historyMs: 42_100,
    historyBytes: 96_300_000,
    done: 3,
    failed: 1,
    waiting: 2,
    checkpoints: 8,
    lastOffsetMs: -12,
  }

  it('shows rate, history, jobs and the last offset', () => {
    expect(statusLine(view)).toBe(
      '30.0 fps │ history 42.1 s, 96.3 MB │ jobs 3 done, 1 failed, 2 waiting │ 8 checkpoints │ last −12 ms',
    )
  })

  it('shows what keeps the camera from giving pictures instead of a rate', () => {
    expect(statusLine({ ...view, camera: 'restarting', lastOffsetMs: undefined })).toMatch(/^camera restarting │ .* checkpoints$/)
  })
})

describe('createFloodGuard', () => {
  it('prints what fits and counts the rest', () => {
    const lines: string[] = []
    const guard = createFloodGuard((line) => lines.push(line), 2)
    for (const line of ['a', 'b', 'c', 'd']) guard.print(line)
    guard.nextWindow()
    guard.print('e')
    guard.nextWindow()
    expect(lines).toEqual(['a', 'b', '  … and 2 more', 'e'])
  })
})

describe('summarise', () => {
  const status = (failedCheckpoints: number) =>
    ({
      sources: { camera: { accepted: 600 } },
      routes: { jobs: { done: 3 }, checkpoints: { done: 4, failed: failedCheckpoints } },
    }) as unknown as PipelineStatus<'camera'>
  const all = { ranMs: 20_000, status: status(0), failed: 0, waiting: 0, undelivered: 0 }

  it('says that every job was delivered', () => {
    const { line, everyJobDelivered } = summarise(all)
    expect(line).toBe(
      'Ran 20.0 s: 600 pictures captured; jobs 3 done, 0 failed, 0 waiting; 4 checkpoints. Every job was delivered.',
    )
    expect(everyJobDelivered).toBe(true)
  })

  it.each([{ failed: 1 }, { waiting: 1 }, { undelivered: 1 }, { status: status(1) }])('does not when %j', (what) => {
    expect(summarise({ ...all, ...what }).everyJobDelivered).toBe(false)
  })
})
