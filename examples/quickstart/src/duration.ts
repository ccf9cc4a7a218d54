import { UserError } from './user-error.js'

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const
/** Node's timers hold no more than 31 bits. */
const longestMs = 2 ** 31 - 1

/**
 * Reads `500ms`, `20s`, `1.5m`, `2h`.
 * @throws UserError
 */
export function parseDuration(option: string, text: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? []
  const durationMs = Number(amount) * (unitMs[unit as keyof typeof unitMs] ?? Number.NaN)
  if (!(durationMs >= 1)) throw new UserError(`${option} needs a duration such as 500ms, 20s or 2m, got "${text}"`)
  if (durationMs > longestMs) throw new UserError(`${option} may be 24 days (576h) at most, got "${text}"`)
  return durationMs
}
