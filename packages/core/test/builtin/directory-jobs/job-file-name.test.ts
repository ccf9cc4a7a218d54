import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  claimBaseName,
  idFault,
  maxIdBytes,
  parseClaimBaseName,
  parseWaitingFileName,
  shortenId,
  waitingFileName,
} from '../../../src/builtin/directory-jobs/job-file-name.js'
import { createOwner } from '../../../src/util/process-owner.js'

const fragments = ['~', '.', '-', 'a1', '~a1~n0~ff', '~c1~5~', '.json', 'é', '画', '😀', ' ', '\n', '%', 'x'.repeat(40)]
const id = fc
  .oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
    fc.array(fc.constantFrom(...fragments), { minLength: 1, maxLength: 6 }).map((parts) => parts.join('')),
  )
  .filter((text) => !/^\.|[/\\\0]/.test(text) && Buffer.byteLength(text) <= maxIdBytes)
const time = fc.integer({ min: 0, max: 8.64e15 })
const count = fc.nat(1_000_000)

describe('the names of job files', () => {
  it('say of a waiting job what they were given, whatever its id', () => {
    fc.assert(
      fc.property(id, count, time, (name, attempts, notBefore) => {
        const file = waitingFileName({ id: name, attempts, notBefore })
        expect(parseWaitingFileName(file)).toEqual({ id: name, attempts, notBefore })
        expect(Buffer.byteLength(file)).toBeLessThanOrEqual(255)
      }),
    )
  })

  it('say of a claim what they were given, whatever its id', () => {
    const { name: owner } = createOwner()
    fc.assert(
      fc.property(id, count, time, count, (name, attempt, expiresAt, number) => {
        const parts = { id: name, attempt, expiresAt, owner, number: number.toString(36) }
        expect(parseClaimBaseName(claimBaseName(parts))).toEqual(parts)
        expect(Buffer.byteLength(`${claimBaseName(parts)}.settled`)).toBeLessThanOrEqual(255)
      }),
    )
  })

  it("take an author's name for the id, whole", () => {
    fc.assert(
      fc.property(id, (name) => {
        fc.pre(idFault(name) === undefined)
        expect(parseWaitingFileName(`${name}.json`)).toEqual({ id: name, attempts: 0, notBefore: 0 })
      }),
    )
  })

  it('never repeat, so that no rename replaces a file', () => {
    const names = Array.from({ length: 1_000 }, () => waitingFileName({ id: 'a', attempts: 1, notBefore: 0 }))
    expect(new Set(names).size).toBe(1_000)
  })

  it('are shortened to what can be claimed, differently for different ids', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 60, maxLength: 300 }), (text) => {
        expect(idFault(shortenId(text.replace(/[/\\\0.]/g, '_')))).toBeUndefined()
      }),
    )
    expect(shortenId(`${'x'.repeat(200)}a`)).not.toBe(shortenId(`${'x'.repeat(200)}b`))
  })
})
