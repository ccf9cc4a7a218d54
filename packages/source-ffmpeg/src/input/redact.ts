import { redactUrls } from '@snapmint/core/adapter'

/** Shorter values are not searched for on their own: they would be found in every other word. */
const leastSecretLength = 4
const secretOption = /header|cookie|auth|pass|key|token|secret/i

/**
 * Removes what must not be read in a message: the user, the password and the query of the input's URL and of any other URL, and the values of `inputOptions`
 * that carry headers, cookies or keys.
 */
export function createRedactor(input: string, inputOptions: readonly string[] = []) {
  const label = labelOf(input)
  const secrets = [...urlSecrets(input), ...optionSecrets(inputOptions)]
    .flatMap((secret) => [secret, decoded(secret)])
    .filter((secret) => secret.length >= leastSecretLength)
    .sort((a, b) => b.length - a.length)

  function redact(text: string): string {
    let clean = isUrl(input) ? text.replaceAll(input, label) : text
    for (const secret of secrets) clean = clean.replaceAll(secret, '***')
    return redactUrls(clean).replace(/([a-z][a-z0-9+.-]*:\/\/[^\s?'"]*)\?[^\s'"]*/gi, '$1?***')
  }
  return { label, redact }
}

const isUrl = (input: string) => /^[a-z][a-z0-9+.-]*:\/\//i.test(input)
/** Up to the last `@`, for a password may contain `/`, `?` and `@`: rather too much than too little. */
const userinfo = /^([a-z][a-z0-9+.-]*:\/\/)(.*)@/is

function labelOf(input: string): string {
  if (!isUrl(input)) return input
  return input.replace(userinfo, '$1***@').replace(/[?&#].*$/s, '?***')
}

function urlSecrets(input: string): string[] {
  if (!isUrl(input)) return []
  const credentials = userinfo.exec(input)?.[2] ?? ''
  const values = input
    .split(/[?&;]/)
    .slice(1)
    .map((pair) => pair.slice(pair.indexOf('=') + 1))
  return [credentials, credentials.slice(credentials.indexOf(':') + 1), ...values]
}

function optionSecrets(options: readonly string[]): string[] {
  return options.flatMap((option, index) => {
    const name = options[index - 1] ?? ''
    if (!name.startsWith('-') || !secretOption.test(name)) return []
    return [option, ...option.split(/\r?\n/).map((line) => line.replace(/^[^:]*:\s*/, ''))]
  })
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
