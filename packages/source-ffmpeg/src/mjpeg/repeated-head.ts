import type { PartHead } from './part-head.js'

/** What stands between two pictures is a few lines; more is not remembered. In characters. */
const maxLength = 1024

/**
 * Remembers what a camera puts between two pictures: the boundary and a head, in which only the size changes. Thirty times a second, comparing bytes is all there is to do.
 */
export interface RepeatedHead {
  /** Remembers the text from the end of one picture to the beginning of the next, when there is nothing in it that could matter but the size. */
  learn(text: string, head: PartHead): void
  /** Whether `data` begins like that, up to the picture. */
  matches(data: Buffer): boolean
  /** After a match: where the picture begins. */
  end(): number
  /** After a match: the picture's size. */
  length(): number
  /** The head that was remembered, its own size aside. */
  head(): PartHead | undefined
}

export function createRepeatedHead(): RepeatedHead {
  let before = Buffer.alloc(0)
  let after = Buffer.alloc(0)
  let known: PartHead | undefined
  let end = 0
  let length = 0

  return {
    learn(text, head) {
      known = undefined
      const found = /\ncontent-length *: *(?=\d)/i.exec(text)
      if (head.hasMore || head.length === undefined || found === null || text.length > maxLength) return
      const digitsAt = found.index + found[0].length
      const digits = /^\d+/.exec(text.slice(digitsAt))?.[0] ?? ''
      before = Buffer.from(text.slice(0, digitsAt), 'latin1')
      after = Buffer.from(text.slice(digitsAt + digits.length), 'latin1')
      known = head
    },
    matches(data) {
      if (known === undefined || !same(data, 0, before)) return false
      let at = before.length
      length = 0
      for (let byte = data[at]; byte !== undefined && byte >= 0x30 && byte <= 0x39 && length < 1e9; byte = data[at]) {
        length = length * 10 + byte - 0x30
        at += 1
      }
      end = at + after.length
      return length > 0 && same(data, at, after)
    },
    end: () => end,
    length: () => length,
    head: () => known,
  }
}

function same(data: Buffer, at: number, wanted: Buffer): boolean {
  if (at + wanted.length > data.length) return false
  for (let index = 0; index < wanted.length; index++) if (data[at + index] !== wanted[index]) return false
  return true
}
