import { isHeaderText } from '@snapmint/core/adapter'

/** @throws TypeError, which does not show the secret. */
export function expectSecret(name: string, text: unknown): void {
  if (!isHeaderText(text)) throw new TypeError(`Expected \`${name}\` to be printable ASCII without spaces around it`)
}
