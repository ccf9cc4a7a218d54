import { type Media, parseKeyTemplate, SnapmintError } from '@snapmint/core/adapter'
import type { IpfsSinkOptions } from './ipfs-sink-options.js'

/** What a node takes for a name: a folder of many blocks has room for no more. */
const maxSegmentBytes = 255

/**
 * Prepares the naming of files in MFS.
 *
 * @returns the absolute path for a picture and core's key of it, or undefined when no names are wanted; throws `SNAPMINT_SINK_KEY_INVALID` for a path that the node could not keep.
 * @throws TypeError when the template can name nothing.
 */
export function createMfsPath({ mfsPath, constants = {} }: IpfsSinkOptions): ((media: Media, key: string) => string) | undefined {
  if (mfsPath === undefined) {
    parseKeyTemplate('{key}', constants)
    return undefined
  }
  const render = parseKeyTemplate(mfsPath, constants)
  const fault = faultOf(absolute(mfsPath.replace(/\{[^{}]*\}/g, 'x')))
  if (fault !== undefined)
    throw new TypeError(`Expected \`mfsPath\` to be a path in the node's file system, got \`${mfsPath}\`: ${fault}`)
  return (media, key) => {
    const path = absolute(render(media, key))
    const wrong = faultOf(path)
    if (wrong === undefined) return path
    const message = `The ipfs sink cannot name a file ${JSON.stringify(path)}: ${wrong}. Change \`mfsPath\` or the name of the source`
    throw new SnapmintError('SNAPMINT_SINK_KEY_INVALID', message, { adapter: 'ipfs' })
  }
}

const absolute = (path: string) => (path.startsWith('/') ? path : `/${path}`)

function faultOf(path: string): string | undefined {
  const segments = path.slice(1).split('/')
  if (/[\p{Cc}\p{Cs}\uFFFE\uFFFF]/u.test(path)) return 'it has a control character or half a character'
  if (segments.some((segment) => segment === '' || segment === '.' || segment === '..'))
    return 'it has an empty segment, "." or ".."'
  // The node takes such paths for content, not for names.
  if (segments[0] === 'ipfs' || segments[0] === 'ipns') return 'it begins with /ipfs or /ipns'
  if (segments.some((segment) => Buffer.byteLength(segment) > maxSegmentBytes))
    return `it has a segment of more than ${maxSegmentBytes} bytes`
  return undefined
}
