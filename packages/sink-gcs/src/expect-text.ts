import { expectString } from '@snapmint/core/adapter'

/** Whether `text` can be sent in a header, and be signed there, as it is. */
export const isHeaderText = (text: unknown): boolean =>
  typeof text === 'string' && /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(text)

/** @throws TypeError, which does not show the URL: it may have a password. */
export function expectUrl(name: string, url: string): void {
  expectString(name, url)
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new TypeError(`Expected \`${name}\` to be a URL with https:// or http://`)
  const { username, password, search, hash } = new URL(url)
  if (username !== '' || password !== '' || search !== '' || hash !== '')
    throw new TypeError(`Expected \`${name}\` to be a URL without user, password, query and fragment`)
}
