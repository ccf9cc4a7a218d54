import type { PartHead } from './part-head.js'

/** What stands between two pictures is a few lines; more is not remembered. In characters. */
const maxLength = 1024

/**
 * Remembers what a camera puts between two pictures: the boundary and a head, in which only the size changes. Thirty times a second, comparing bytes is all there is to do.
 */
export interface RepeatedHead {
  /** Remembers the text from the end of one picture to the beginning of the next, where nothing in it could matter but the size. */
  learn(text: string, head: PartHead): void
  /** A picture has ended. Returns whether there is something to compare with. */
  begin(): boolean
  /**
   * Compares what comes, as far as it goes.
   * @returns `more`: all of it is as it was, and more is to come; `found`: a picture begins; `different`: it is not as it was.
   */
  take(data: Buffer): 'more' | 'found' | 'different'
  /** How many bytes the last call of `take` has used; none when they were different. */
  used(): number
  /** After `different`: what was used by earlier calls. */
  seen(): string
  /** After `found`: the picture's size. */
  length(): number
  /** The head that was remembered, its own size aside. */
  head(): PartHead | undefined
}

type Place = 'before' | 'digits' | 'after'

export function createRepeatedHead(): RepeatedHead {
  let before = Buffer.alloc(0)
  let after = Buffer.alloc(0)
  let known: PartHead | undefined
  /** What is compared: what stands before the digits, they themselves, or what stands behind them. */
  let place: Place = 'before'
  let matched = 0
  let digits = ''
  let used = 0
  let seen = ''

  /** What earlier calls have used. */
  let earlier: { place: Place; matched: number; digits: number } = { place, matched, digits: 0 }

  const earlierText = () =>
    earlier.place === 'before'
      ? before.toString('latin1', 0, earlier.matched)
      : before.toString('latin1') +
        digits.slice(0, earlier.digits) +
        after.toString('latin1', 0, earlier.place === 'after' ? earlier.matched : 0)

  /** Compares one byte. */
  function matches(byte: number): boolean {
    if (place === 'before') {
      if (byte !== before[matched]) return false
      matched += 1
      if (matched < before.length) return true
      place = 'digits'
      matched = 0
      return true
    }
    if (place === 'digits') {
      if (byte >= 0x30 && byte <= 0x39 && digits.length < 12) {
        digits += String.fromCharCode(byte)
        return true
      }
      place = 'after'
    }
    if (byte !== after[matched]) return false
    matched += 1
    return true
  }

  return {
    learn(text, head) {
      known = undefined
      const found = /\ncontent-length *: *(?=\d)/i.exec(text)
      if (head.hasMore || head.length === undefined || found === null || text.length > maxLength) return
      const digitsAt = found.index + found[0].length
      const size = /^\d+/.exec(text.slice(digitsAt))?.[0] ?? ''
      before = Buffer.from(text.slice(0, digitsAt), 'latin1')
      after = Buffer.from(text.slice(digitsAt + size.length), 'latin1')
      known = head
    },
    begin() {
      place = 'before'
      matched = 0
      digits = ''
      return known !== undefined
    },
    take(data) {
      earlier = { place, matched, digits: digits.length }
      for (used = 0; used < data.length; ) {
        if (!matches(data[used] as number)) {
          used = 0
          seen = earlierText()
          return 'different'
        }
        used += 1
        if (place === 'after' && matched === after.length) return 'found'
      }
      return 'more'
    },
    used: () => used,
    seen: () => seen,
    length: () => Number(digits),
    head: () => known,
  }
}
