import type { SequenceParameters } from './sequence-parameters.js'
import type { FindParameters, PictureParameters, UnitKind, VideoFormat } from './video-format.js'

/** No real stream has so many sets of a kind, or bytes in them: who sends more is not served. */
const maxSets = 64
const maxSetBytes = 4096

const order: readonly UnitKind[] = ['video-parameters', 'sequence-parameters', 'picture-parameters']

interface StoredSet {
  readonly bytes: Uint8Array
  readonly sequence: SequenceParameters | undefined
  readonly picture: PictureParameters | undefined
}

/** Whether a NAL unit of this kind is a parameter set. */
export const isParameterSet = (kind: UnitKind): boolean => order.includes(kind)

/** The parameter sets in force, which a stream may replace at any time. */
export function createParameterSets(format: VideoFormat) {
  const sets = new Map<UnitKind, Map<number, StoredSet>>(order.map((kind) => [kind, new Map()]))
  // Looked up for every picture: numbers as keys cost nothing.
  const sequences = setsOf('sequence-parameters')
  const pictures = setsOf('picture-parameters')

  function setsOf(kind: UnitKind): Map<number, StoredSet> {
    return sets.get(kind) as Map<number, StoredSet>
  }

  const find: FindParameters = (pictureId) => {
    const picture = pictures.get(pictureId)?.picture
    const sequence = picture && sequences.get(picture.sequenceId)?.sequence
    return sequence && { picture, sequence }
  }

  return {
    find,
    /** Takes a copy of a set. One that is damaged, or is one too many, is left out. */
    put(unit: Uint8Array, kind: UnitKind): void {
      const own = setsOf(kind)
      for (const { bytes } of own.values()) if (Buffer.compare(bytes, unit) === 0) return
      const id = format.idOf(unit, kind)
      if (id === undefined || unit.length > maxSetBytes || (own.size >= maxSets && !own.has(id))) return
      const bytes = Uint8Array.from(unit)
      const sequence = kind === 'sequence-parameters' ? format.parseSequence(bytes) : undefined
      const picture = kind === 'picture-parameters' ? format.parsePicture(bytes) : undefined
      own.set(id, { bytes, sequence, picture })
    },
    /** The sets that are not among `units`, in the order in which a decoder wants them. */
    missingFrom(units: readonly Uint8Array[]): Uint8Array[] {
      return order.flatMap((kind) => {
        const present = units.filter((unit) => format.kindOf(unit) === kind).map((unit) => format.idOf(unit, kind))
        return [...setsOf(kind)].flatMap(([id, { bytes }]) => (present.includes(id) ? [] : [bytes]))
      })
    },
  }
}
