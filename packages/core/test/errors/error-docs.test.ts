import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { errorCodes } from '../../src/errors/error-codes.js'

const root = fileURLToPath(new URL('../../../../', import.meta.url))
const codePattern = /SNAPMINT(?:_[A-Z]+)+/g

const declared = new Set<string>(Object.values(errorCodes).flat())
const documented = readFileSync(join(root, 'docs/errors.md'), 'utf8')
  .split('\n')
  .flatMap((line) => /^\| `(SNAPMINT_[A-Z_]+)` \|/.exec(line)?.[1] ?? [])

/** Codes that the sources of all packages raise, by string. */
function raised(): Set<string> {
  const files = readdirSync(join(root, 'packages'), { recursive: true, encoding: 'utf8' })
    .filter((file) => /^[^/]+\/src\/.*\.ts$/.test(file) && !file.endsWith('error-codes.ts'))
    .map((file) => readFileSync(join(root, 'packages', file), 'utf8'))
  return new Set(files.flatMap((text) => text.match(/'SNAPMINT_[A-Z_]+'/g) ?? []).map((quoted) => quoted.slice(1, -1)))
}

describe('docs/errors.md', () => {
  it('documents every code that is declared, once, and no other', () => {
    expect([...documented].sort()).toEqual([...declared].sort())
  })

  it('declares every code that is raised, and raises every code that is declared', () => {
    expect([...raised()].sort()).toEqual([...declared].sort())
  })

  it('has codes of the agreed form', () => {
    expect([...declared].filter((code) => code.match(codePattern)?.[0] !== code)).toEqual([])
  })
})
