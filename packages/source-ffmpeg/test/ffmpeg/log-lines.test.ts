import { describe, expect, it } from 'vitest'
import { createLogReader } from '../../src/ffmpeg/log-lines.js'

const read = (...lines: string[]) => {
  const reader = createLogReader()
  return lines.map((line) => reader(line)).filter((line) => line !== undefined)
}

describe('createLogReader', () => {
  it('keeps errors, without their level, and whatever has none', () => {
    expect(read('[error] x.mp4: No such file', '[h264 @ 0x5581] [error] no frame!', '[fatal] over', 'plain')).toEqual([
      { kind: 'error', text: 'x.mp4: No such file' },
      { kind: 'error', text: '[h264 @ 0x5581] no frame!' },
      { kind: 'error', text: 'over' },
      { kind: 'error', text: 'plain' },
    ])
  })

  it('passes over what is only said, whatever words it has', () => {
    expect(read('[info]     title : 401 Unauthorized', '[mp4 @ 0x1] [warning] Permission denied, or so')).toEqual([])
  })

  it.each([
    ['displaymatrix: rotation of -90.00 degrees', 90],
    ['displaymatrix: rotation of 90.00 degrees', 270],
    ['Display Matrix: rotation of 180.00 degrees', 180],
    ['displaymatrix: rotation of -0.00 degrees', 0],
  ])('reads %j of the output as %d degrees clockwise', (text, degrees) => {
    const lines = [`[info]  displaymatrix: rotation of 45.00 degrees`, `[info] Output #0, tee, to 'x':`, `[info]       ${text}`]
    expect(read(...lines)).toEqual([{ kind: 'rotation', degrees }])
  })

  it('tells when the driver of a camera changed the mode', () => {
    const text = 'The V4L2 driver changed the video from 1920x1080 to 1280x720'
    expect(read(`[video4linux2,v4l2 @ 0x55] [warning] ${text}`)).toEqual([{ kind: 'mode', text }])
  })
})
