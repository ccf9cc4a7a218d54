import { describe, expect, it } from 'vitest'
import { type GrabInput, grabArguments } from '../../src/ffmpeg/grab-arguments.js'

const area = { x: 10, y: 20, width: 300, height: 200 }
const settings = { frameRate: 5, quality: 80, cursor: false }
const line = (input: GrabInput, more: Partial<typeof settings> = {}) => grabArguments(input, { ...settings, ...more }).join(' ')

// The systems that the tests do not run on: what FFmpeg's manual asks for.
describe('grabArguments', () => {
  it('names the X screen, the place and the window', () => {
    expect(line({ kind: 'x11', screen: ':0.0', area })).toContain(
      '-f x11grab -framerate 5 -draw_mouse 0 -grab_x 10 -grab_y 20 -video_size 300x200 -i :0.0 ',
    )
    expect(line({ kind: 'x11', screen: ':0.0', area, windowId: 77 }, { cursor: true })).toContain('-draw_mouse 1 -window_id 77 ')
  })

  it('names the place on the desktop of Windows', () => {
    expect(line({ kind: 'windows', area: { ...area, x: -1280 } })).toContain(
      '-f gdigrab -framerate 5 -draw_mouse 0 -offset_x -1280 -offset_y 20 -video_size 300x200 -i desktop ',
    )
  })

  it('names the screen of a Mac, dates by the wall clock and cuts the region out', () => {
    const text = line({ kind: 'macos', displayIndex: 1, area }, { cursor: true })
    expect(text).toContain(
      '-f avfoundation -use_wallclock_as_timestamps 1 -framerate 5 -capture_cursor 1 -i Capture screen 1:none ',
    )
    expect(text).toContain('-vf crop=300:200:10:20 ')
  })

  it.each([
    [0.1, '1', 10],
    [0.3, '1.2', 4],
    [0.5, '1', 2],
  ])('at %d fps grabs %s a second and keeps one of %d', (frameRate, rate, every) => {
    expect(line({ kind: 'x11', screen: ':0', area }, { frameRate })).toMatch(
      new RegExp(`-framerate ${rate} .*-vf select=not\\(mod\\(n\\\\,${every}\\)\\) `),
    )
  })

  it('keeps every frame from 1 fps on', () => {
    for (const frameRate of [1, 2.5, 60]) expect(line({ kind: 'x11', screen: ':0', area }, { frameRate })).not.toContain('-vf')
  })
})
