import type { Pipeline } from '@snapmint/core'
import { plural } from './format.js'
import { oneLine } from './user-error.js'

/** While it lasts it is told so often, in ms: every picture that waits is tried again and again. */
const repeatMs = 60_000

interface Trouble {
  readonly toldAt: number
  /** Tries that failed since. */
  untold: number
  isOver: boolean
}

/** Tells people that pictures cannot be stored, and when they can again: each kind of error at once, and then once a minute. @param now monotonic, in ms. */
export function reportPutTroubles(
  pipeline: Pick<Pipeline<'easel'>, 'on'>,
  print: (line: string) => void,
  now: () => number = () => performance.now(),
): void {
  const troubles = new Map<string, Trouble>()
  pipeline.on('put:retrying', ({ sink, error }) => {
    const kind = `${sink} ${error.code}`
    const known = troubles.get(kind)
    if (known !== undefined && now() - known.toldAt < repeatMs) {
      known.untold++
      known.isOver = false
      return
    }
    const more = known === undefined || known.untold === 0 ? '' : ` (${plural(known.untold, 'more failure')} since the last time)`
    print(`! A picture cannot be stored, tried again${more}: ${oneLine(error.message)}`)
    troubles.set(kind, { toldAt: now(), untold: 0, isOver: false })
  })
  pipeline.on('put:stored', ({ sink }) => {
    const over = [...troubles].filter(([kind, { isOver }]) => kind.startsWith(`${sink} `) && !isOver)
    for (const [, trouble] of over) trouble.isOver = true
    if (over.length > 0) print('  Pictures are stored again.')
  })
}
