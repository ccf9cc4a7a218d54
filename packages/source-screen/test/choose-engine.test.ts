import { describe, expect, it } from 'vitest'
import { chooseEngine } from '../src/choose-engine.js'
import { resolveScreenOptions, type ScreenSourceOptions } from '../src/screen-source-options.js'

const sessions = {
  x11: { platform: 'linux', env: { DISPLAY: ':0' } },
  xwayland: { platform: 'linux', env: { DISPLAY: ':0', WAYLAND_DISPLAY: 'wayland-0' } },
  xSession: { platform: 'linux', env: { DISPLAY: ':0', WAYLAND_DISPLAY: 'wayland-0', XDG_SESSION_TYPE: 'x11' } },
  macos: { platform: 'darwin', env: {} },
  windows: { platform: 'win32', env: {} },
} as const

function choose(
  session: keyof typeof sessions,
  options: ScreenSourceOptions = {},
  installed: readonly string[] = ['ffmpeg', 'native'],
) {
  const { platform, env } = sessions[session]
  const has = (name: string) => () => installed.includes(name)
  return chooseEngine(resolveScreenOptions(options), { platform, env, hasFfmpeg: has('ffmpeg'), hasNative: has('native') })
}

describe('chooseEngine', () => {
  it.each([
    ['x11', {}, 'ffmpeg'],
    ['x11', { frameRate: 0.1 }, 'ffmpeg'],
    ['x11', { window: { id: 1 } }, 'ffmpeg'],
    ['xSession', {}, 'ffmpeg'],
    ['xwayland', {}, 'native'],
    ['xwayland', { display: ':0' }, 'ffmpeg'],
    ['macos', {}, 'native'],
    ['macos', { frameRate: 6 }, 'ffmpeg'],
    ['windows', { cursor: true }, 'ffmpeg'],
    ['windows', { window: { id: 1 }, frameRate: 30 }, 'native'],
    ['windows', { engine: 'ffmpeg' }, 'ffmpeg'],
  ] as const)('under %s with %j takes %s', (session, options, engine) => {
    expect(choose(session, options)).toBe(engine)
  })

  it('takes what is installed where both would do, and the better one where nothing is', () => {
    expect(choose('x11', {}, ['native'])).toBe('native')
    expect(choose('windows', {}, ['ffmpeg'])).toBe('ffmpeg')
    expect(choose('x11', {}, [])).toBe('ffmpeg')
    expect(choose('macos', {}, [])).toBe('native')
    expect(choose('x11', { cursor: true }, ['native'])).toBe('ffmpeg')
    expect(choose('x11', { engine: 'native' }, ['ffmpeg'])).toBe('native')
  })

  it.each([
    ['x11', { engine: 'native', cursor: true }, /cannot show the mouse pointer/],
    ['x11', { engine: 'native', display: ':1' }, /DISPLAY only/],
    ['x11', { engine: 'native', display: ':1.0/HDMI-1' }, /DISPLAY only/],
    ['xwayland', { cursor: true }, /mouse pointer.*; FFmpeg cannot read the screen under Wayland/],
    ['xwayland', { window: { title: 'a' } }, /Under Wayland no program may pick a window/],
    ['xwayland', { engine: 'ffmpeg' }, /Wayland/],
    ['macos', { engine: 'ffmpeg', window: { id: 1 } }, /windows on X11 only/],
    ['windows', { window: { id: 1 }, cursor: true }, /mouse pointer.*; .*windows on X11 only/],
  ] as const)('under %s refuses %j', (session, options, message) => {
    expect(() => choose(session, options)).toThrow(message)
    expect(() => choose(session, options)).toThrow(TypeError)
  })

  it('lets the native engine have a display of the X screen in DISPLAY by its id', () => {
    expect(choose('x11', { engine: 'native', display: ':0.0/HDMI-1' })).toBe('native')
  })
})
