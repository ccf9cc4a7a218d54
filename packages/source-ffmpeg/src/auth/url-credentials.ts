/** Who asks. Both decoded: no percent signs of a URL. */
export interface Credentials {
  readonly username: string
  readonly password: string
}

/**
 * Takes the user and the password out of a URL. The password may hold an `@`, and percent signs that begin no escape; `/`, `?` and `#` it must escape.
 * @returns the URL without them, and undefined where it had none.
 */
export function splitCredentials(url: string): { readonly url: string; readonly credentials: Credentials | undefined } {
  const [, scheme = '', userinfo, rest = ''] = /^([a-z][a-z0-9+.-]*:\/\/)(?:([^/?#]*)@)?(.*)$/is.exec(url) ?? []
  if (userinfo === undefined || userinfo === '') return { url: scheme === '' ? url : scheme + rest, credentials: undefined }
  const colon = userinfo.indexOf(':')
  const username = decoded(colon < 0 ? userinfo : userinfo.slice(0, colon))
  const password = colon < 0 ? '' : decoded(userinfo.slice(colon + 1))
  return { url: scheme + rest, credentials: { username, password } }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
