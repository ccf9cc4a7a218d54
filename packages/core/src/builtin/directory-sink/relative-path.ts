import { SnapmintError } from '../../errors/snapmint-error.js'

/** Where files are written before they get their name. */
export const temporaryFolder = '.snapmint-tmp'

const maxSegmentBytes = 255

/** @throws TypeError when the constant parts of a template alone make it name no file below the directory. */
export function expectTemplateInside(template: string): void {
  const fault = faultOf(template.replace(/\{[^{}]*\}/g, 'x'))
  if (fault !== undefined)
    throw new TypeError(`Expected \`template\` to be a path below \`directory\`, got \`${template}\`: ${fault}`)
}

/**
 * A rendered template, as a path below the directory that means the same on every system.
 *
 * @throws `SNAPMINT_SINK_KEY_INVALID` when it does not name a file there.
 */
export function expectRelativePath(path: string): string {
  const fault = faultOf(path)
  if (fault === undefined) return path
  throw new SnapmintError(
    'SNAPMINT_SINK_KEY_INVALID',
    `The directory sink cannot name a file ${JSON.stringify(path)}: ${fault}. Change the sink's template or the name of the source`,
    { adapter: 'directory' },
  )
}

function faultOf(path: string): string | undefined {
  if (/[\p{Cc}\\:]/u.test(path)) return 'it has a control character, a backslash or a colon'
  for (const segment of path.split('/')) {
    if (segment === '') return 'it is absolute, or has an empty segment'
    if (segment === '.' || segment === '..') return `"${segment}" is no name of a file`
    if (segment.toLowerCase() === temporaryFolder) return `${temporaryFolder} is where the sink keeps unfinished files`
    if (Buffer.byteLength(segment) > maxSegmentBytes) return `a segment is longer than ${maxSegmentBytes} bytes`
  }
  return undefined
}
