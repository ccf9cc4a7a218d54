import { join } from 'node:path'
import { frameSourceConformance } from '@snapmint/conformance'
import { type ScreenSourceOptions, screenSource } from '@snapmint/source-screen'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { startXServer, type XServerProcess } from './fixtures/x-server.js'

/** A start of ffmpeg takes a tenth of a second on an idle machine; this one may be busy. */
const patience = { timeoutMs: 15_000, endWithinMs: 5000 }

describe('the contract of a frame source', () => {
  let server: XServerProcess | undefined
  const before = process.env.DISPLAY
  beforeAll(async () => {
    server = await startXServer({ screens: ['320x240'] })
    // node-screenshots looks nowhere else.
    process.env.DISPLAY = server.display
  })
  afterAll(async () => {
    if (before === undefined) delete process.env.DISPLAY
    else process.env.DISPLAY = before
    await server?.stop()
  })

  const on = (options: ScreenSourceOptions) => () => screenSource({ frameRate: 20, ...options })

  frameSourceConformance({
    describe,
    it,
    name: 'screenSource by FFmpeg',
    create: on({ engine: 'ffmpeg' }),
    ...patience,
    failures: [
      {
        name: 'a display that does not exist',
        create: on({ engine: 'ffmpeg', display: 7 }),
        code: 'SNAPMINT_SOURCE_NOT_FOUND',
        retryable: true,
      },
      {
        name: 'an X server that does not run',
        create: on({ engine: 'ffmpeg', display: ':4711' }),
        code: 'SNAPMINT_SOURCE_UNAVAILABLE',
        retryable: true,
      },
      {
        name: 'no ffmpeg',
        create: on({ engine: 'ffmpeg', ffmpegPath: join(import.meta.dirname, 'none') }),
        code: 'SNAPMINT_MISSING_DEPENDENCY',
        retryable: false,
      },
    ],
  })

  frameSourceConformance({
    describe,
    it,
    name: 'screenSource by node-screenshots',
    create: on({ engine: 'native' }),
    ...patience,
    failures: [
      {
        name: 'a display that does not exist',
        create: on({ engine: 'native', display: 'HDMI-9' }),
        code: 'SNAPMINT_SOURCE_NOT_FOUND',
        retryable: true,
      },
      {
        name: 'a region beyond the display',
        create: on({ engine: 'native', region: { x: 300, y: 0, width: 21, height: 10 } }),
        code: 'SNAPMINT_SOURCE_NOT_FOUND',
        retryable: true,
      },
    ],
  })
})
