/** An answer that is an error, in S3's XML. */
export interface Refusal {
  readonly status: number
  readonly code: string
  readonly message: string
  readonly headers: Readonly<Record<string, string>>
  /** Further elements of the answer. */
  readonly fields: Readonly<Record<string, string>>
}

export function refusal(
  status: number,
  code: string,
  message = code,
  { headers = {}, fields = {} }: { readonly headers?: Record<string, string>; readonly fields?: Record<string, string> } = {},
): Refusal {
  return { status, code, message, headers, fields }
}

export const isRefusal = (thrown: unknown): thrown is Refusal =>
  typeof thrown === 'object' && thrown !== null && 'status' in thrown && 'code' in thrown

export const escapeXml = (text: string) => text.replace(/[<>&'"]/g, (character) => `&#${character.charCodeAt(0)};`)

export function refusalXml({ code, message, fields }: Refusal): string {
  const elements = Object.entries({ Code: code, Message: message, ...fields, RequestId: 'DOUBLE0001' })
  const inner = elements.map(([name, value]) => `<${name}>${escapeXml(value)}</${name}>`).join('')
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${inner}</Error>`
}
