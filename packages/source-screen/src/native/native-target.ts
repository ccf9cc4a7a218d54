import { screenError } from '../screen-error.js'
import { screenSession } from '../screen-session.js'
import type { ResolvedScreenOptions } from '../screen-source-options.js'
import { pickDisplay, pickWindow } from '../target/pick.js'
import { listXDisplays } from '../x11/x-displays.js'
import { openTargetServer } from '../x11/x-target.js'
import type { ScreenshotImage, ScreenshotMonitor } from './load-native.js'
import { loadNativeDisplays, loadNativeWindows, type NativeDisplays } from './native-displays.js'

export interface NativeTarget {
  readonly title: string
  captureImage(): Promise<ScreenshotImage>
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
    if (handle !== undefined) return { title: `window ${JSON.stringify(found.title)}`, captureImage: () => handle.captureImage() }
  }
  if (screenSession(display, process.platform, process.env) === 'x11') return openXMonitor(options, signal)
  const { displays, monitors } = await loadNativeDisplays()
  const found = pickDisplay(displays, display)
  return target(monitors[displays.indexOf(found)], found.id)
}

/** On X11 the displays are those of {@link listXDisplays}, whichever engine is used; node-screenshots' own is found by its place. */
async function openXMonitor(options: ResolvedScreenOptions, signal: AbortSignal): Promise<NativeTarget> {
  const server = await openTargetServer(options, signal)
  try {
    const found = pickDisplay(await listXDisplays(server), options.display)
    const prefix = `${server.name}/`
    if (!found.id.startsWith(prefix))
      throw screenError(
        'SNAPMINT_SOURCE_NOT_FOUND',
        `The engine "native" knows the X screen ${server.name} only: set DISPLAY to that of ${found.id}, or use the engine "ffmpeg"`,
      )
    const { displays, monitors }: NativeDisplays = await loadNativeDisplays()
    return target(
      monitors[
        displays.findIndex(
          ({ x, y, width, height }) => x === found.x && y === found.y && width === found.width && height === found.height,
        )
      ],
      found.id,
    )
  } finally {
    server.close()
  }
}

function target(monitor: ScreenshotMonitor | undefined, id: string): NativeTarget {
  const title = `display ${JSON.stringify(id)}`
  if (monitor === undefined)
    throw screenError(
      'SNAPMINT_SOURCE_UNAVAILABLE',
      `The ${title} is not known to node-screenshots at the moment; it is tried again`,
    )
  return { title, captureImage: () => monitor.captureImage() }
}
