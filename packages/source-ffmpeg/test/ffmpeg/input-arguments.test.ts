import { describe, expect, it } from 'vitest'
import { ffmpegArguments } from '../../src/ffmpeg/ffmpeg-arguments.js'
import { inputArguments, type Reading } from '../../src/ffmpeg/input-arguments.js'
import type { FfmpegSourceOptions } from '../../src/ffmpeg-source-options.js'
import { planInput } from '../../src/input/plan-input.js'

const before = (options: FfmpegSourceOptions, reading: Reading) => inputArguments(planInput(options), options, reading).join(' ')
const full = { width: 1280, height: 720, frameRate: 30 }
const copy = { mode: 'copy', codec: 'mjpeg' } as const
const jpeg = { mode: 'jpeg' } as const

describe('inputArguments', () => {
  it('asks a V4L2 camera for its own JPEG, a size, a rate and epoch times', () => {
    const text = before({ input: '/dev/video0', ...full }, copy)
    expect(text).toMatch(/^-f v4l2 .*-timestamps abs -input_format mjpeg -video_size 1280x720 -framerate 30$/)
  })

  it('asks a DirectShow camera for its own JPEG', () => {
    const text = before({ input: 'video=Cam', inputFormat: 'dshow', ...full }, copy)
    expect(text).toMatch(/^-f dshow .*-vcodec mjpeg -video_size 1280x720 -framerate 30$/)
    expect(text).not.toContain('-timestamps')
  })

  it.each(['avfoundation', 'gdigrab', 'x11grab'])('asks %s for a size and a rate', (inputFormat) => {
    const text = before({ input: '0', inputFormat, ...full }, jpeg)
    expect(text).toMatch(/-video_size 1280x720 -framerate 30$/)
    expect(text).not.toMatch(/-input_format|-vcodec/)
  })

  it('asks for nothing that was not asked for', () => {
    expect(before({ input: '/dev/video0' }, jpeg)).not.toMatch(/-input_format|-video_size|-framerate/)
    expect(before({ input: 'testsrc', inputFormat: 'lavfi', ...full }, jpeg)).not.toMatch(/-video_size|-framerate/)
    expect(before({ input: 'a.mp4', ...full }, copy)).not.toMatch(/-video_size|-framerate|-input_format/)
  })

  it('begins a recording where it is told to', () => {
    expect(before({ input: 'a.mp4' }, { ...copy, startMs: 1500.25 })).toContain('-ss 1.500250')
    expect(before({ input: 'a.mp4' }, { ...copy, startMs: 0 })).not.toContain('-ss')
  })

  it('lets what is copied keep its own times, and throws nothing of its beginning away', () => {
    const text = before({ input: 'srt://h:1' }, { mode: 'copy' })
    expect(text).not.toMatch(/use_wallclock|nobuffer|low_delay/)
    expect(before({ input: 'srt://h:1' }, jpeg)).toMatch(/nobuffer.*use_wallclock_as_timestamps/)
  })
})

describe('ffmpegArguments', () => {
  it('copies, with parameter sets before key packets and times that are not rounded', () => {
    const options = { input: 'srt://h:1' }
    const args = ffmpegArguments(planInput(options), options, { name: '7', hasFrameRateMode: true }, { mode: 'copy' }).join(' ')
    expect(args).toContain('-copyts -c copy -copytb 1 -bsf:v dump_extra=freq=keyframe -f tee')
    expect(args).not.toMatch(/-vf|mjpeg|-q:v/)
  })
})
