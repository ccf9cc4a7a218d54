import type { ScreenWindow } from '../target/screen-display.js'
import type { XServer } from './open-x-server.js'

/** A window manager wraps a window in one or two of its own; deeper ones are parts of a program's window. */
const maxDepth = 3
/** Longest title that is read, in units of four bytes. */
const titleLength = 256
const viewable = 2
const inputOutput = 1

interface Atoms {
  readonly netWmName: number
  readonly wmName: number
}

/**
 * The windows of an X screen that can be seen and have a title, lowest first. The tree of windows is walked rather than a window manager asked, for there may be none.
 * Windows that vanish meanwhile are left out.
 */
export async function listXWindows(server: XServer): Promise<ScreenWindow[]> {
  const root = rootOf(server)
  const intern = (name: string) => server.ask<number>((callback) => server.client.InternAtom(true, name, callback))
  const atoms = { netWmName: await intern('_NET_WM_NAME'), wmName: await intern('WM_NAME') }
  return windowsBelow(server, root, root, atoms, 1)
}

/** The root window of the X screen that was asked for. */
export const rootOf = ({ screens, screenNumber }: XServer): number => screens[screenNumber]?.root ?? 0

async function windowsBelow(server: XServer, root: number, parent: number, atoms: Atoms, depth: number): Promise<ScreenWindow[]> {
  const tree = await orGone(
    server.ask<{ readonly children: readonly number[] }>((callback) => server.client.QueryTree(parent, callback)),
  )
  const lists = await Promise.all((tree?.children ?? []).map((id) => windowsAt(server, root, id, atoms, depth)))
  return lists.flat()
}

/** A window by its id, with or without a title; undefined if it is gone or cannot be seen. */
export async function findXWindow(server: XServer, id: number): Promise<Omit<ScreenWindow, 'title'> | undefined> {
  const place = (await isVisible(server, id)) ? await placeOf(server, id) : undefined
  return place && { id, ...place }
}

async function isVisible(server: XServer, id: number): Promise<boolean> {
  const ask = server.ask<{ readonly mapState: number; readonly klass: number }>((callback) =>
    server.client.GetWindowAttributes(id, callback),
  )
  const attributes = await orGone(ask)
  return attributes?.mapState === viewable && attributes.klass === inputOutput
}

/** The window itself if it has a title, else those in it. */
async function windowsAt(server: XServer, root: number, id: number, atoms: Atoms, depth: number): Promise<ScreenWindow[]> {
  if (!(await isVisible(server, id))) return []
  const title = (await titleOf(server, id, atoms.netWmName, 'utf8')) || (await titleOf(server, id, atoms.wmName, 'latin1'))
  if (title === '') return depth < maxDepth ? windowsBelow(server, root, id, atoms, depth + 1) : []
  const place = await placeOf(server, id)
  return place === undefined ? [] : [{ id, title, ...place }]
}

/** Where the content of a window is on its X screen, and its size; undefined if it is gone. */
async function placeOf(server: XServer, id: number): Promise<Pick<ScreenWindow, 'x' | 'y' | 'width' | 'height'> | undefined> {
  const { client } = server
  const size = await orGone(
    server.ask<{ readonly width: number; readonly height: number }>((callback) => client.GetGeometry(id, callback)),
  )
  const corner = await orGone(
    server.ask<{ destX: number; destY: number }>((callback) => client.TranslateCoordinates(id, rootOf(server), 0, 0, callback)),
  )
  return size && corner && { x: corner.destX, y: corner.destY, width: size.width, height: size.height }
}

async function titleOf(server: XServer, id: number, atom: number, encoding: 'utf8' | 'latin1'): Promise<string> {
  if (atom === 0) return ''
  const property = await orGone(
    server.ask<{ readonly data: Buffer }>((callback) => server.client.GetProperty(0, id, atom, 0, 0, titleLength, callback)),
  )
  return property?.data.toString(encoding).replace(/\0.*$/s, '').trim() ?? ''
}

/** What the server refuses concerns a window that is gone; the end of the connection is passed on. */
async function orGone<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (typeof (error as { error?: unknown }).error === 'number') return undefined
    throw error
  }
}
