import { expectString } from '@snapmint/core/adapter'

/** @throws TypeError, which does not show the URL: it may have a password. */
export function expectUrl(name: string, url: string): void {
  expectString(name, url)
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new TypeError(`Expected \`${name}\` to be a URL with https:// or http://`)
  const { username, password, search, hash } = new URL(url)
  if (username !== '' || password !== '' || search !== '' || hash !== '')
    throw new TypeError(`Expected \`${name}\` to be a URL without user, password, query and fragment`)
}

/** Whether `text` can be sent in a header as it is. */
export const isHeaderText = (text: unknown): text is string =>
  typeof text === 'string' && /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(text)

/** @throws TypeError, which does not show the secret. */
export function expectSecret(name: string, text: unknown): void {
  if (!isHeaderText(text)) throw new TypeError(`Expected \`${name}\` to be printable ASCII without spaces around it`)
}

/** A switch, or its default. @throws TypeError */
export function flag(name: string, value: boolean | undefined, byDefault: boolean): boolean {
  if (value === undefined) return byDefault
  if (typeof value === 'boolean') return value
  throw new TypeError(`Expected \`${name}\` to be true or false, got \`${String(value)}\``)
}
