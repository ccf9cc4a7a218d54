import { isXScreenName } from './screen-source-options.js'

/** What draws the screen. */
export type ScreenSession = 'x11' | 'wayland' | 'macos' | 'windows'

/**
 * Tells what draws the screen that is meant. Under Wayland the X server that serves old programs sees their windows only, so it is meant only when it is named.
 * @param platform as `process.platform`.
 */
export function screenSession(display: unknown, platform: NodeJS.Platform, env: NodeJS.ProcessEnv): ScreenSession {
  if (isXScreenName(display) || isXDisplayId(display)) return 'x11'
  if (platform === 'darwin') return 'macos'
  if (platform === 'win32') return 'windows'
  const isWayland = env.XDG_SESSION_TYPE === 'wayland' || (env.XDG_SESSION_TYPE !== 'x11' && Boolean(env.WAYLAND_DISPLAY))
  return isWayland ? 'wayland' : 'x11'
}

/** The `id` of a display on X11: the X screen's name, a slash, the monitor's name. */
export function isXDisplayId(display: unknown): boolean {
  if (typeof display !== 'string') return false
  const slash = display.lastIndexOf('/')
  return slash > 0 && isXScreenName(display.slice(0, slash))
}

/** The X screen that a DISPLAY, or the id of a display, names: always with its number, as in `:0.0`. */
export function xScreenOf(name: string): string {
  const screen = isXDisplayId(name) ? name.slice(0, name.lastIndexOf('/')) : name
  return /:\d+$/.test(screen) ? `${screen}.0` : screen
}
