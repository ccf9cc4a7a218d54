/** Checks of options, thrown at once by the factory that was called wrongly. */

function got(value: unknown): string {
  const shown =
    typeof value === 'string' ? JSON.stringify(value) : Array.isArray(value) ? `[${value.length} items]` : String(value)
  return `got \`${shown}\` (${value === null ? 'null' : typeof value})`
}

/** @throws TypeError if `value` is no number, RangeError if it is out of range. */
export function expectNumber(
  name: string,
  value: unknown,
  { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY, integer = false } = {},
): asserts value is number {
  const kind = integer ? 'an integer' : 'a finite number'
  const range =
    min !== Number.NEGATIVE_INFINITY && max !== Number.POSITIVE_INFINITY
      ? ` from ${min} to ${max}`
      : min !== Number.NEGATIVE_INFINITY
        ? ` of at least ${min}`
        : max !== Number.POSITIVE_INFINITY
          ? ` of at most ${max}`
          : ''
  const message = `Expected \`${name}\` to be ${kind}${range}, ${got(value)}`
  if (typeof value !== 'number') throw new TypeError(message)
  if (!Number.isFinite(value) || value < min || value > max || (integer && !Number.isInteger(value)))
    throw new RangeError(message)
}

/** A number above zero, fractions allowed. */
export function expectPositive(name: string, value: unknown): asserts value is number {
  const message = `Expected \`${name}\` to be a positive finite number, ${got(value)}`
  if (typeof value !== 'number') throw new TypeError(message)
  if (!Number.isFinite(value) || value <= 0) throw new RangeError(message)
}

/** A string that is not empty. */
export function expectString(name: string, value: unknown): asserts value is string {
  if (typeof value !== 'string' || value === '')
    throw new TypeError(`Expected \`${name}\` to be a non-empty string, ${got(value)}`)
}

/** @throws TypeError */
export function expectBoolean(name: string, value: unknown): asserts value is boolean {
  if (typeof value !== 'boolean') throw new TypeError(`Expected \`${name}\` to be true or false, ${got(value)}`)
}

export function expectOneOf<const T extends string | number>(
  name: string,
  value: unknown,
  allowed: readonly T[],
): asserts value is T {
  if (allowed.includes(value as T)) return
  throw new TypeError(
    `Expected \`${name}\` to be one of ${allowed.map((item) => JSON.stringify(item)).join(', ')}, ${got(value)}`,
  )
}

/** An AbortSignal, or what behaves like one: another realm has a class of its own. */
export function expectSignal(name: string, value: unknown): asserts value is AbortSignal {
  const { throwIfAborted, addEventListener } = (value ?? {}) as Partial<Record<keyof AbortSignal, unknown>>
  if (typeof throwIfAborted !== 'function' || typeof addEventListener !== 'function')
    throw new TypeError(`Expected \`${name}\` to be an AbortSignal, ${got(value)}`)
}

export function expectObject(name: string, value: unknown): asserts value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw new TypeError(`Expected \`${name}\` to be an object, ${got(value)}`)
}

/**
 * An address of HTTP without anything that may be a secret.
 *
 * @throws TypeError, which does not show the URL: it may have a password.
 */
export function expectHttpUrl(name: string, url: unknown): asserts url is string {
  expectString(name, url)
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new TypeError(`Expected \`${name}\` to be a URL with https:// or http://`)
  const { username, password, search, hash } = new URL(url)
  if (username !== '' || password !== '' || search !== '' || hash !== '')
    throw new TypeError(`Expected \`${name}\` to be a URL without user, password, query and fragment`)
}

/** Whether `text` can be sent in an HTTP header, and be signed there, as it is: printable ASCII without spaces around it. */
export function isHeaderText(text: unknown): text is string {
  return typeof text === 'string' && /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(text)
}

/** Rejects misspelt options, which would otherwise be ignored in silence. */
export function expectKnownOptions(factory: string, options: object, known: readonly string[]): void {
  expectObject(`the options of ${factory}`, options)
  for (const key of Object.keys(options)) {
    if (!known.includes(key)) throw new TypeError(`Unknown option \`${key}\` for ${factory}; known are ${known.join(', ')}`)
  }
}
