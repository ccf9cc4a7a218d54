import { screenError } from '../screen-error.js'
import { screenSession, xScreenOf } from '../screen-session.js'
import type { ResolvedScreenOptions } from '../screen-source-options.js'
import { pickDisplay, pickWindow } from '../target/pick.js'
import type { ScreenDisplay } from '../target/screen-display.js'
import { listXDisplays } from '../x11/x-displays.js'
import { openTargetServer, resolveXTarget, watchXTarget } from '../x11/x-target.js'
import type { ScreenshotImage, ScreenshotMonitor } from './load-native.js'
import { loadNativeDisplays, loadNativeWindows } from './native-displays.js'

export interface NativeTarget {
  readonly title: string
  captureImage(): Promise<ScreenshotImage>
  /** Where in the image the display begins. */
  readonly offset: { readonly x: number; readonly y: number }
  /** Size of the display; undefined: that of the image. */
  readonly size?: { readonly width: number; readonly height: number } | undefined
  /** Rejects when what is captured has changed or gone, where the system tells. */
  readonly ended: Promise<never>
  close(): void
}

/**
 * Finds what is to be captured.
 * @throws `SNAPMINT_MISSING_DEPENDENCY`, `SNAPMINT_SOURCE_NOT_FOUND`, `SNAPMINT_SOURCE_UNAUTHORIZED`, `SNAPMINT_SOURCE_UNAVAILABLE`
 */
export async function openNativeTarget(options: ResolvedScreenOptions, signal: AbortSignal): Promise<NativeTarget> {
  const { window, display } = options
  if (window !== undefined) {
    const { windows, handles } = await loadNativeWindows()
    const found = pickWindow(windows, window)
    const handle = handles[windows.indexOf(found)]
    if (handle !== undefined) return unwatched(`window ${JSON.stringify(found.title)}`, handle)
  }
  if (screenSession(display, process.platform, process.env) === 'x11') return openXMonitor(options, signal)
  const { displays, monitors } = await loadNativeDisplays()
  const found = pickDisplay(displays, display)
  return monitorTarget(monitors[displays.indexOf(found)], found.id)
}

/** On X11 the displays are those of {@link listXDisplays}, whichever engine is used; node-screenshots' own is found by its place. */
async function openXMonitor(options: ResolvedScreenOptions, signal: AbortSignal): Promise<NativeTarget> {
  const server = await openTargetServer(options, signal)
  try {
    const found = pickDisplay(await listXDisplays(server), options.display)
    if (xScreenOf(found.id) !== server.name) throw elsewhere(server.name, found.id)
    const { displays, monitors } = await loadNativeDisplays()
    const index = displays.findIndex((display) => contains(display, found))
    const around = displays[index] ?? found
    const target = monitorTarget(monitors[index], found.id)
    const offset = { x: found.x - around.x, y: found.y - around.y }
    const whole = { ...options, region: undefined }
    const area = await resolveXTarget(server, whole)
    const ended = new Promise<never>((_, reject) => watchXTarget(server, whole, area, reject))
    ended.catch(() => {})
    return { ...target, offset, size: found, ended, close: server.close }
  } catch (error) {
    server.close()
    throw error
  }
}

/** A monitor may have been split into several displays, of which node-screenshots does not know. */
const contains = (outer: ScreenDisplay, inner: ScreenDisplay) =>
  outer.x <= inner.x &&
  outer.y <= inner.y &&
  outer.x + outer.width >= inner.x + inner.width &&
  outer.y + outer.height >= inner.y + inner.height

const elsewhere = (screen: string, id: string) =>
  screenError(
    'SNAPMINT_SOURCE_NOT_FOUND',
    `The engine "native" knows the X screen ${screen} only: set DISPLAY to that of ${id}, or use the engine "ffmpeg"`,
  )

function monitorTarget(monitor: ScreenshotMonitor | undefined, id: string): NativeTarget {
  const title = `display ${JSON.stringify(id)}`
  if (monitor !== undefined) return unwatched(title, monitor)
  throw screenError(
    'SNAPMINT_SOURCE_UNAVAILABLE',
    `The ${title} is not known to node-screenshots at the moment; it is tried again (on X11 the engine "ffmpeg" knows all)`,
  )
}

function unwatched(title: string, picture: Pick<ScreenshotMonitor, 'captureImage'>): NativeTarget {
  const offset = { x: 0, y: 0 }
  return { title, offset, captureImage: () => picture.captureImage(), ended: new Promise<never>(() => {}), close: () => {} }
}
