import { screenError } from '../screen-error.js'
import { isXDisplayId, xScreenOf } from '../screen-session.js'
import { isXScreenName, type ResolvedScreenOptions, type ScreenRegion } from '../screen-source-options.js'
import { fitRegion, pickDisplay, pickWindow } from '../target/pick.js'
import { openXServer, type XServer } from './open-x-server.js'
import { listXDisplays, sizeOfXScreen } from './x-displays.js'
import { findXWindow, listXWindows, rootOf } from './x-windows.js'

/** What is captured of an X server. */
export interface XTarget {
  /** The X screen, as FFmpeg is told: `:0.0`. */
  readonly screen: string
  /** Set for a window; else `area` is one of the X screen. */
  readonly windowId?: number | undefined
  readonly area: ScreenRegion
  /** For messages. */
  readonly title: string
}

const structureNotify = 0x2_0000
const screenChangeNotify = 1

/** The server that the options mean. The caller closes it. */
export function openTargetServer({ display }: Pick<ResolvedScreenOptions, 'display'>, signal: AbortSignal): Promise<XServer> {
  const named = isXDisplayId(display) ? xScreenOf(String(display)) : isXScreenName(display) ? display : undefined
  return openXServer(named, signal)
}

/**
 * Finds out what is to be captured.
 * @throws `SNAPMINT_SOURCE_NOT_FOUND`, `SNAPMINT_SOURCE_UNAVAILABLE`
 */
export async function resolveXTarget(
  server: XServer,
  options: Pick<ResolvedScreenOptions, 'display' | 'region' | 'window'>,
): Promise<XTarget> {
  if (options.window !== undefined) return windowTarget(server, options)
  const { display, region } = options
  if (isXScreenName(display)) {
    const size = await sizeOfXScreen(server, rootOf(server))
    const title = `X screen ${server.name}`
    return { screen: server.name, area: fitRegion(region, size, title), title }
  }
  const found = pickDisplay(await listXDisplays(server), isXDisplayId(display) ? normalId(String(display)) : display)
  const title = `display ${JSON.stringify(found.id)}`
  const part = fitRegion(region, found, title)
  return { screen: xScreenOf(found.id), area: { ...part, x: found.x + part.x, y: found.y + part.y }, title }
}

const normalId = (id: string) => xScreenOf(id) + id.slice(id.lastIndexOf('/'))

async function windowTarget(
  server: XServer,
  { window, region }: Pick<ResolvedScreenOptions, 'window' | 'region'>,
): Promise<XTarget> {
  if (window === undefined) throw new TypeError('No window is wanted')
  const known = 'id' in window ? await findXWindow(server, window.id) : undefined
  const found = known ?? pickWindow(await listXWindows(server), window)
  const title = 'title' in window ? `window ${JSON.stringify(window.title)}` : `window ${window.id}`
  const area = fitRegion(region, found, title)
  const screen = await sizeOfXScreen(server, rootOf(server))
  const [left, top] = [found.x + area.x, found.y + area.y]
  if (left < 0 || top < 0 || left + area.width > screen.width || top + area.height > screen.height)
    throw screenError(
      'SNAPMINT_SOURCE_UNAVAILABLE',
      `The ${title} reaches beyond the screen, where nothing is drawn: move it onto the screen, or give a \`region\` of it`,
    )
  return { screen: server.name, windowId: found.id, area, title }
}

/**
 * Watches what is captured: calls back once with the reason why the run cannot go on. A program that grabs would not notice a screen that grew.
 */
export function watchXTarget(
  server: XServer,
  options: Pick<ResolvedScreenOptions, 'display' | 'region' | 'window'>,
  target: XTarget,
  onEnd: (error: Error) => void,
): void {
  const { client, randr } = server
  const watched = target.windowId ?? rootOf(server)
  client.ChangeWindowAttributes(watched, { eventMask: structureNotify })
  for (const { root } of server.screens) if (target.windowId === undefined) randr?.SelectInput(root, screenChangeNotify)
  server.onLost(onEnd)
  // What changed before the server was told to report it.
  if (target.windowId === undefined) void compare()
  else void compareWindow(target.windowId)
  server.onEvent(({ name = '', wid, width, height }) => {
    if (target.windowId === undefined) {
      if (/^(RRScreenChangeNotify|ConfigureNotify)$/.test(name)) void compare()
    } else if (wid === target.windowId) {
      if (/^(DestroyNotify|UnmapNotify)$/.test(name)) endGone()
      if (name === 'ConfigureNotify') endResized({ width, height })
    }
  })

  function endGone(): void {
    onEnd(ended(`the ${target.title} was closed or hidden`))
  }

  function endResized({ width, height }: { readonly width?: number | undefined; readonly height?: number | undefined }): void {
    if (options.region !== undefined || (width === target.area.width && height === target.area.height)) return
    onEnd(ended(`the ${target.title} has changed its size to ${width}×${height}`))
  }

  async function compareWindow(id: number): Promise<void> {
    try {
      const place = await findXWindow(server, id)
      if (place === undefined) endGone()
      else endResized(place)
    } catch (error) {
      onEnd(error as Error)
    }
  }

  async function compare(): Promise<void> {
    try {
      const { area } = await resolveXTarget(server, options)
      if (shown(area) !== shown(target.area))
        onEnd(ended(`the ${target.title} has changed from ${shown(target.area)} to ${shown(area)}`))
    } catch (error) {
      onEnd(error as Error)
    }
  }
}

const shown = ({ x, y, width, height }: ScreenRegion) => `${width}×${height} at (${x}, ${y})`

const ended = (what: string) => screenError('SNAPMINT_SOURCE_ENDED', `The capture has ended: ${what}; it is started anew`)
