import { type Media, parseKeyTemplate, SnapmintError } from '@snapmint/core/adapter'
import type { GcsSinkOptions } from './gcs-sink-options.js'

/** Cloud Storage's own limit, in bytes of UTF-8. */
const maxKeyBytes = 1024

/**
 * Prepares the naming of objects.
 *
 * @returns the object's key for a picture and core's key of it; throws `SNAPMINT_SINK_KEY_INVALID` for one that a store could not keep or would change.
 * @throws TypeError when the template or the prefix can name nothing.
 */
export function createObjectKey({
  template = '{key}',
  constants = {},
  prefix,
}: Pick<GcsSinkOptions, 'template' | 'constants' | 'prefix'>): (media: Media, key: string) => string {
  const render = parseKeyTemplate(template, constants)
  expectPart('template', template.replace(/\{[^{}]*\}/g, 'x'))
  if (prefix !== undefined) expectPart('prefix', prefix.replace(/\/$/, ''))
  const before = prefix === undefined ? '' : prefix.replace(/\/?$/, '/')
  return (media, key) => {
    const objectKey = before + render(media, key)
    const fault = faultOf(objectKey)
    if (fault === undefined) return objectKey
    const message = `The gcs sink cannot name an object ${JSON.stringify(objectKey)}: ${fault}. Change \`template\`, \`prefix\` or the name of the source`
    throw new SnapmintError('SNAPMINT_SINK_KEY_INVALID', message, { adapter: 'gcs' })
  }
}

function expectPart(name: string, text: string): void {
  const fault = typeof text === 'string' ? faultOf(text) : 'it is no string'
  if (fault !== undefined)
    throw new TypeError(`Expected \`${name}\` to be a part of an object's key, got \`${String(text)}\`: ${fault}`)
}

function faultOf(key: string): string | undefined {
  if (/[\p{Cc}\p{Cs}\uFFFE\uFFFF]/u.test(key)) return 'it has a control character or half a character'
  // Clients and proxies fold such segments, in a URL, into others.
  if (key.split('/').some((segment) => segment === '' || segment === '.' || segment === '..'))
    return 'it has an empty segment, "." or ".."'
  if (key.startsWith('.well-known/acme-challenge/')) return 'Cloud Storage keeps such names for itself'
  if (Buffer.byteLength(key) > maxKeyBytes) return `it is longer than ${maxKeyBytes} bytes`
  return undefined
}
