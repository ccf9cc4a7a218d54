import { SnapmintError } from '../errors/snapmint-error.js'
import type { Media } from '../spec/media.js'
import { expectString } from '../util/expect-option.js'
import { fileExtension, formatCaptureTime, splitMicroseconds } from '../util/frame-key.js'
import { encodePathSegment } from '../util/path-segment.js'

/** Renders a template for one picture. `key` is the one that core gave to `put`. */
export type KeyTemplate = (media: Media, key: string) => string

type Placeholder = (media: Media, key: string) => string

/** The last millisecond of the year 9999: dates beyond have longer years. */
const latestDateMs = 253_402_300_799_999

const placeholders: Readonly<Record<string, Placeholder>> = {
  source: (media) => encodePathSegment(media.source),
  captureTime: (media) => formatCaptureTime(media.captureTime),
  seconds: (media) => String(Math.floor(wholeMs(media) / 1000)),
  ext: (media) => fileExtension(media.mimeType),
  mimeType: (media) => encodePathSegment(media.mimeType.replace('/', '-')),
  sha256: (media) => encodePathSegment(media.sha256),
  key: (_media, key) => expectSafeKey(key),
  date: (media) => utc(media).slice(0, 10),
  yyyy: (media) => utc(media).slice(0, 4),
  mm: (media) => utc(media).slice(5, 7),
  dd: (media) => utc(media).slice(8, 10),
  hh: (media) => utc(media).slice(11, 13),
  mi: (media) => utc(media).slice(14, 16),
  ss: (media) => utc(media).slice(17, 19),
  mmm: (media) => utc(media).slice(20, 23),
}

/**
 * Reads a template of object keys such as `frames/{contract}/{seconds}.{ext}`.
 *
 * | placeholder | stands for |
 * |---|---|
 * | `{source}` | name of the source, with everything unusual percent-encoded: two sources never share a name |
 * | `{captureTime}` | ms since the epoch, with decimals to the microsecond when there are any |
 * | `{seconds}` | whole seconds since the epoch |
 * | `{date} {yyyy} {mm} {dd} {hh} {mi} {ss} {mmm}` | `2026-11-21` and its parts, down to the millisecond, in UTC |
 * | `{ext}` `{mimeType}` | `jpg`, `image-jpeg` |
 * | `{sha256}` | of the bytes, hexadecimal |
 * | `{key}` | core's own key, `<source>/<captureTime>.<ext>` |
 *
 * A template without `{captureTime}`, `{key}` or `{sha256}` may give two pictures the same key.
 *
 * @param extra constants of the sink, by name; their values are encoded like `{source}`.
 * @throws TypeError for an unknown placeholder, a brace without its partner, or an extra that hides a placeholder.
 */
export function parseKeyTemplate(template: string, extra: Readonly<Record<string, string>> = {}): KeyTemplate {
  expectString('template', template)
  const known = new Map<string, Placeholder>(Object.entries(placeholders))
  for (const [name, value] of Object.entries(extra)) {
    if (known.has(name)) throw new TypeError(`The template already knows {${name}}; give the constant another name`)
    expectString(name, value)
    const encoded = encodePathSegment(value)
    known.set(name, () => encoded)
  }
  const parts = template.split(/\{([^{}]*)\}/).map((text, index): string | Placeholder => {
    if (index % 2 === 0) return expectLiteral(text, template)
    const placeholder = known.get(text)
    if (placeholder !== undefined) return placeholder
    const names = [...known.keys()].map((name) => `{${name}}`).join(' ')
    throw new TypeError(`Unknown placeholder {${text}} in the template \`${template}\`; known are ${names}`)
  })
  return (media, key) => parts.map((part) => (typeof part === 'string' ? part : part(media, key))).join('')
}

/** Renders `template` once. Sinks parse theirs at construction instead, with {@link parseKeyTemplate}. */
export function renderKey(template: string, media: Media, key: string): string {
  return parseKeyTemplate(template)(media, key)
}

function expectLiteral(text: string, template: string): string {
  if (/[{}]/.test(text)) throw new TypeError(`The template \`${template}\` has a brace without its partner`)
  return text
}

/** Core's keys are safe; a key of anybody else must be, too. */
function expectSafeKey(key: string): string {
  const isSafe = !/[\p{Cc}\\]/u.test(key) && !key.split('/').some((part) => ['', '.', '..'].includes(part))
  if (isSafe) return key
  throw new SnapmintError(
    'SNAPMINT_SINK_KEY_INVALID',
    `The key ${JSON.stringify(key)} has empty, "." or ".." segments or control characters`,
  )
}

function wholeMs({ captureTime }: Media): number {
  return splitMicroseconds(captureTime).wholeMs
}

function utc(media: Media): string {
  const time = wholeMs(media)
  if (!(time >= 0 && time <= latestDateMs))
    throw new SnapmintError(
      'SNAPMINT_SINK_KEY_INVALID',
      `The captureTime ${media.captureTime} is no date; it should be ms since the Unix epoch`,
    )
  return new Date(time).toISOString()
}
