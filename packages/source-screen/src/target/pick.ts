import { screenError } from '../screen-error.js'
import type { ScreenRegion, ScreenWindowChoice } from '../screen-source-options.js'
import type { ScreenDisplay, ScreenWindow } from './screen-display.js'

/** How many names a message lists at most. */
const mostNames = 12

/**
 * Finds the display that is meant: by index, id or name; without a wish the primary one, or the first.
 * @throws `SNAPMINT_SOURCE_NOT_FOUND` when there is none, or when a name fits several.
 */
export function pickDisplay(displays: readonly ScreenDisplay[], wanted: number | string | undefined): ScreenDisplay {
  const primary = displays.find(({ isPrimary }) => isPrimary) ?? displays[0]
  if (primary === undefined)
    throw screenError('SNAPMINT_SOURCE_NOT_FOUND', 'The system has no display at the moment: is a monitor connected and on?')
  if (wanted === undefined) return primary
  if (typeof wanted === 'number') {
    const found = displays.find(({ index }) => index === wanted)
    if (found !== undefined) return found
    throw screenError('SNAPMINT_SOURCE_NOT_FOUND', `There is no display ${wanted}. ${listed(displays)}`)
  }
  const byId = displays.find(({ id }) => id === wanted)
  if (byId !== undefined) return byId
  const [byName, another] = displays.filter(({ name }) => name === wanted)
  if (byName === undefined)
    throw screenError(
      'SNAPMINT_SOURCE_NOT_FOUND',
      `There is no display with the id or name ${JSON.stringify(wanted)}. ${listed(displays)}`,
    )
  if (another !== undefined)
    throw screenError(
      'SNAPMINT_SOURCE_NOT_FOUND',
      `Several displays are named ${JSON.stringify(wanted)}: give an id. ${listed(displays)}`,
    )
  return byName
}

const listed = (displays: readonly ScreenDisplay[]) =>
  `There are: ${names(displays.map(({ index, id, name, width, height }) => `${index} = ${JSON.stringify(id)} (${name}, ${width}×${height})`))}`

/**
 * Finds the window that is meant.
 * @throws `SNAPMINT_SOURCE_NOT_FOUND` when there is none, or when a title fits several.
 */
export function pickWindow(windows: readonly ScreenWindow[], wanted: ScreenWindowChoice): ScreenWindow {
  if ('id' in wanted) {
    const found = windows.find(({ id }) => id === wanted.id)
    if (found !== undefined) return found
    throw screenError(
      'SNAPMINT_SOURCE_NOT_FOUND',
      `There is no visible window with the id ${wanted.id}. ${countedWindows(windows)}`,
    )
  }
  const { title } = wanted
  const exact = windows.filter((window) => window.title === title)
  const found = exact.length > 0 ? exact : windows.filter((window) => window.title.toLowerCase().includes(title.toLowerCase()))
  if (found[0] === undefined)
    throw screenError(
      'SNAPMINT_SOURCE_NOT_FOUND',
      `There is no visible window titled ${JSON.stringify(title)}. ${countedWindows(windows)}`,
    )
  if (found.length > 1)
    throw screenError(
      'SNAPMINT_SOURCE_NOT_FOUND',
      `Several windows are titled ${JSON.stringify(title)}: give \`window: { id }\`, one of ${names(found.map(({ id }) => String(id)))}`,
    )
  return found[0]
}

/** Without their titles, which tell what somebody is doing: messages go into events and logs. */
const countedWindows = ({ length }: readonly ScreenWindow[]) =>
  length === 0 ? 'No window with a title can be seen' : `There are ${length} others: \`listWindows()\` tells their titles`

function names(list: readonly string[]): string {
  const more = list.length - mostNames
  return list.slice(0, mostNames).join(', ') + (more > 0 ? ` and ${more} more` : '')
}

/**
 * The part of a picture that is captured.
 * @param whole what the picture is of, for the message.
 * @throws `SNAPMINT_SOURCE_NOT_FOUND` when the region is not inside.
 */
export function fitRegion(
  region: ScreenRegion | undefined,
  size: { readonly width: number; readonly height: number },
  whole: string,
): ScreenRegion {
  const { width, height } = size
  if (region === undefined) return { x: 0, y: 0, width, height }
  if (region.x + region.width <= width && region.y + region.height <= height) return region
  const shown = `${region.width}×${region.height} at (${region.x}, ${region.y})`
  const where = region.x >= width || region.y >= height ? 'outside' : 'partly outside'
  throw screenError(
    'SNAPMINT_SOURCE_NOT_FOUND',
    `The region ${shown} lies ${where} ${whole}, which has ${width}×${height} pixels: correct \`region\``,
  )
}
