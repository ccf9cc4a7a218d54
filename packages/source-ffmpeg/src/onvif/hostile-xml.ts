/** Declarations of name spaces have their `=` nearer than that. */
const reach = 100
const unfinished = new RegExp(`xmlns[^=]{${reach}}`, 'g')
const most = 5

/**
 * Watches text as it comes in. The library looks from each `xmlns` for the next `=`, so that a megabyte of nothing but `xmlns` would keep the thread busy for a minute.
 * @returns whether the text so far is of that kind.
 */
export function createHostileXmlCheck(): (piece: string) => boolean {
  let tail = ''
  let count = 0
  return (piece) => {
    const text = tail + piece
    count += text.match(unfinished)?.length ?? 0
    tail = text.slice(-reach - 'xmlns'.length)
    return count > most
  }
}
