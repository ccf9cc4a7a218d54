import { screenError } from '../screen-error.js'
import type { ScreenDisplay, ScreenWindow } from '../target/screen-display.js'
import { loadScreenshots, type ScreenshotMonitor, type ScreenshotWindow } from './load-native.js'

export interface NativeDisplays {
  readonly displays: readonly ScreenDisplay[]
  /** In the order of `displays`. */
  readonly monitors: readonly ScreenshotMonitor[]
}

/**
 * The displays as node-screenshots knows them.
 * @throws `SNAPMINT_MISSING_DEPENDENCY`, `SNAPMINT_SOURCE_UNAVAILABLE`
 */
export async function loadNativeDisplays(): Promise<NativeDisplays> {
  const { Monitor } = await loadScreenshots()
  const monitors = orUnavailable('the displays', () => Monitor.all())
  return { monitors, displays: orUnavailable('the displays', () => monitors.map(describe)) }
}

export interface NativeWindows {
  readonly windows: readonly ScreenWindow[]
  /** In the order of `windows`. */
  readonly handles: readonly ScreenshotWindow[]
}

/**
 * The visible windows that have a title, as node-screenshots knows them.
 * @throws `SNAPMINT_MISSING_DEPENDENCY`, `SNAPMINT_SOURCE_UNAVAILABLE`
 */
export async function loadNativeWindows(): Promise<NativeWindows> {
  const { Window } = await loadScreenshots()
  return orUnavailable('the windows', () => {
    const handles = Window.all().filter((window) => !window.isMinimized() && window.title() !== '')
    const windows = handles.map((window) => ({
      id: window.id(),
      title: window.title(),
      x: window.x(),
      y: window.y(),
      width: window.width(),
      height: window.height(),
    }))
    return { windows, handles }
  })
}

/** On macOS the system counts in points, of which a pixel is a part. */
function describe(monitor: ScreenshotMonitor, index: number): ScreenDisplay {
  const scaleFactor = monitor.scaleFactor() || 1
  const pixels = (points: number) => Math.round(process.platform === 'darwin' ? points * scaleFactor : points)
  return {
    index,
    id: String(monitor.id()),
    name: monitor.name(),
    x: pixels(monitor.x()),
    y: pixels(monitor.y()),
    width: pixels(monitor.width()),
    height: pixels(monitor.height()),
    scaleFactor,
    isPrimary: monitor.isPrimary(),
  }
}

function orUnavailable<T>(what: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    const { platform, env } = process
    // Also under Wayland, where Xwayland answers.
    const advice =
      platform === 'linux' && !env.DISPLAY ? '; the environment variable DISPLAY has to be set, under Wayland too' : ''
    const message = `The system does not tell ${what}: ${String((cause as Error).message)}${advice}`
    throw screenError('SNAPMINT_SOURCE_UNAVAILABLE', message, { cause })
  }
}
