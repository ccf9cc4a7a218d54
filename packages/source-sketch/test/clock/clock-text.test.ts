import { describe, expect, it } from 'vitest'
import { clockText } from '../../src/clock/clock-text.js'

describe('clockText', () => {
  it('prints UTC with a Z', () => {
    expect(clockText(Date.UTC(2026, 0, 2, 3, 4, 5, 6), 'utc')).toEqual(['2026-01-02', '03:04:05.006Z'])
  })

  it('prints the local time of the process, padded', () => {
    expect(clockText(new Date(2026, 0, 2, 3, 4, 5, 6).getTime(), 'local')).toEqual(['2026-01-02', '03:04:05.006'])
  })
})
