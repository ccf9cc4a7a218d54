import { redactUrls } from '@snapmint/core'
import { UserError } from '../user-error.js'

export interface NumberRange {
  readonly min: number
  readonly max: number
  readonly integer?: boolean
  /** What the number counts, for messages: `seconds`. */
  readonly unit?: string
}

const longestShown = 60

/** The value as messages show it: without credentials, and not endless. */
function show(value: string): string {
  const text = redactUrls(value).replace(/\?.*$/s, '?…')
  return JSON.stringify(text.length > longestShown ? `${text.slice(0, longestShown)}…` : text)
}

/** Reads variables one after the other and gathers what is wrong with them, so that all of it can be told at once. */
export function createSettingsReader(env: Readonly<Record<string, string | undefined>>) {
  const problems: string[] = []

  /** Like those who read `.env` files: a variable without a value is not set. */
  const given = (name: string): string | undefined => env[name]?.trim() || undefined

  function refuse(name: string, expected: string): undefined {
    const value = given(name)
    problems.push(`${name} ${value === undefined ? 'is not set' : `is ${show(value)}`}: expected ${expected}`)
    return undefined
  }

  return {
    given,
    refuse,
    /** @param check answers undefined for a value that is wrong. */
    text<T>(name: string, expected: string, check: (value: string) => T | undefined): T | undefined {
      const value = given(name)
      return value === undefined ? undefined : (check(value) ?? refuse(name, expected))
    },
    number(name: string, { min, max, integer = false, unit }: NumberRange): number | undefined {
      const value = given(name)
      if (value === undefined) return undefined
      // Not what Number() takes besides: hexadecimal, nothing, Infinity.
      const number = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value) ? Number(value) : Number.NaN
      if (number >= min && number <= max && (!integer || Number.isInteger(number))) return number
      return refuse(
        name,
        `${integer ? 'a whole number' : 'a number'}${unit === undefined ? '' : ` of ${unit}`} from ${min} to ${max}`,
      )
    },
    /** As Python programs write it, too: `True`, `1`, `yes`, `on`. */
    flag(name: string): boolean | undefined {
      const value = given(name)
      if (value === undefined) return undefined
      if (/^(true|1|yes|on|y|t)$/i.test(value)) return true
      return /^(false|0|no|off|n|f|none)$/i.test(value) ? false : refuse(name, 'True or False')
    },
    /** @throws UserError that lists everything that was refused. */
    expectNoProblems(advice: string): void {
      if (problems.length === 0) return
      const head = problems.length === 1 ? 'A setting is wrong:' : `${problems.length} settings are wrong:`
      throw new UserError([head, ...problems.map((problem) => `  ${problem}`), advice].join('\n'))
    },
  }
}

export type SettingsReader = ReturnType<typeof createSettingsReader>
