/** An answer that is an error, in the JSON of Google's APIs. */
export interface Refusal {
  readonly status: number
  readonly reason: string
  readonly message: string
  readonly headers: Readonly<Record<string, string>>
}

export function refusal(
  status: number,
  reason: string,
  message = reason,
  { headers = {} }: { readonly headers?: Record<string, string> } = {},
): Refusal {
  return { status, reason, message, headers }
}

export const isRefusal = (thrown: unknown): thrown is Refusal =>
  typeof thrown === 'object' && thrown !== null && 'status' in thrown && 'reason' in thrown

export const refusalJson = ({ status, reason, message }: Refusal) =>
  JSON.stringify({ error: { code: status, message, errors: [{ message, domain: 'global', reason }] } })
