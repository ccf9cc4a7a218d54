import { expectKnownOptions, expectSignal } from '@snapmint/core/adapter'
import { loadNativeDisplays, loadNativeWindows } from './native/native-displays.js'
import { screenSession } from './screen-session.js'
import { expectDisplay } from './screen-source-options.js'
import type { ScreenDisplay, ScreenWindow } from './target/screen-display.js'
import type { XServer } from './x11/open-x-server.js'
import { listXDisplays } from './x11/x-displays.js'
import { openTargetServer } from './x11/x-target.js'
import { listXWindows } from './x11/x-windows.js'

/** Where to look. */
export interface ListScreensOptions {
  /** On X11: the name of the X server, such as `:1`. Default: the environment variable DISPLAY. */
  readonly display?: string | undefined
  /** Ends the search. Default: none. */
  readonly signal?: AbortSignal | undefined
}

/**
 * The displays of this machine, in the system's order. On X11 of every X screen of the server; elsewhere it takes the package node-screenshots.
 *
 * @throws TypeError for wrong options; `SNAPMINT_MISSING_DEPENDENCY`, `SNAPMINT_SOURCE_NOT_FOUND` (no DISPLAY), `SNAPMINT_SOURCE_UNAUTHORIZED`,
 * `SNAPMINT_SOURCE_UNAVAILABLE`.
 */
export async function listDisplays(options: ListScreensOptions = {}): Promise<ScreenDisplay[]> {
  check('listDisplays', options)
  return isX11(options) ? onX11(options, listXDisplays) : [...(await loadNativeDisplays()).displays]
}

/**
 * The windows that can be seen and have a title. On X11 of one X screen, lowest first; elsewhere it takes the package node-screenshots. Under Wayland there are none: the
 * system does not tell.
 *
 * @throws as {@link listDisplays}.
 */
export async function listWindows(options: ListScreensOptions = {}): Promise<ScreenWindow[]> {
  check('listWindows', options)
  return isX11(options) ? onX11(options, listXWindows) : [...(await loadNativeWindows()).windows]
}

function check(name: string, options: ListScreensOptions): void {
  expectKnownOptions(name, options, ['display', 'signal'])
  if (options.display !== undefined) expectDisplay(options.display)
  if (options.signal !== undefined) expectSignal('signal', options.signal)
}

const isX11 = ({ display }: ListScreensOptions) => screenSession(display, process.platform, process.env) === 'x11'

async function onX11<T>(
  { display, signal = new AbortController().signal }: ListScreensOptions,
  list: (server: XServer) => Promise<T>,
): Promise<T> {
  const server = await openTargetServer({ display }, signal)
  try {
    return await list(server)
  } finally {
    server.close()
  }
}
