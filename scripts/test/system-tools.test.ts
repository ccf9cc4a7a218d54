import { describe, expect, it } from 'vitest'
import { isRecentFfmpeg, systemTools, systemToolsWithoutOpencv } from '../lib/system-tools.mjs'

describe('what the tests need from the system', () => {
  it.each([
    ['5.1.9-0+deb12u1', true],
    ['6.1.1-3ubuntu5', true],
    ['n7.1', true],
    ['10.0', true],
    ['N-117890-g1a2b3c4', true],
    ['5.0.1', false],
    ['4.4.2-0ubuntu0.22.04.1', false],
  ])('is an FFmpeg of 5.1 or later: %s', (version, isRecent) => {
    expect(isRecentFfmpeg(`ffmpeg version ${version} Copyright (c) 2000-2026 the FFmpeg developers`)).toBe(isRecent)
  })

  it('includes the libraries that node-screenshots is linked to, also where OpenCV is left out', () => {
    for (const tools of [systemTools, systemToolsWithoutOpencv])
      expect(tools.flatMap(({ apt }) => apt.split(' '))).toEqual(expect.arrayContaining(['libdbus-1-3', 'libxcb1', 'xvfb']))
    expect(systemToolsWithoutOpencv).toHaveLength(systemTools.length - 1)
  })
})
