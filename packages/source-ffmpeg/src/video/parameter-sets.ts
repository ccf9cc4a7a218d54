import type { SequenceParameters } from './sequence-parameters.js'
import type { FindParameters, PictureParameters, UnitKind, VideoFormat } from './video-format.js'

/** No real stream has so many sets, or bytes in them: who sends more is not served. */
const maxSets = 64
const maxSetBytes = 4096

const order: readonly UnitKind[] = ['video-parameters', 'sequence-parameters', 'picture-parameters']

interface StoredSet {
  readonly kind: UnitKind
  readonly bytes: Uint8Array
  readonly sequence: SequenceParameters | undefined
  readonly picture: PictureParameters | undefined
}

/** Whether a NAL unit of this kind is a parameter set. */
export const isParameterSet = (kind: UnitKind): boolean => order.includes(kind)

/** The parameter sets in force, which a stream may replace at any time. */
export function createParameterSets(format: VideoFormat) {
  const sets = new Map<string, StoredSet>()

  function keyOf(unit: Uint8Array, kind: UnitKind): string | undefined {
    const id = format.idOf(unit, kind)
    return id === undefined ? undefined : `${kind} ${id}`
  }

  const find: FindParameters = (pictureId) => {
    const picture = sets.get(`picture-parameters ${pictureId}`)?.picture
    const sequence = sets.get(`sequence-parameters ${picture?.sequenceId}`)?.sequence
    return picture && sequence && { picture, sequence }
  }

  return {
    find,
    /** Takes a copy of a set. One that is damaged, or is one too many, is left out. */
    put(unit: Uint8Array, kind: UnitKind): void {
      for (const stored of sets.values()) if (stored.kind === kind && Buffer.compare(stored.bytes, unit) === 0) return
      const key = keyOf(unit, kind)
      if (key === undefined || unit.length > maxSetBytes || (sets.size >= maxSets && !sets.has(key))) return
      const bytes = Uint8Array.from(unit)
      const sequence = kind === 'sequence-parameters' ? format.parseSequence(bytes) : undefined
      const picture = kind === 'picture-parameters' ? format.parsePicture(bytes) : undefined
      sets.set(key, { kind, bytes, sequence, picture })
    },
    /** The sets that are not among `units`, in the order in which a decoder wants them. */
    missingFrom(units: readonly Uint8Array[]): Uint8Array[] {
      const present = new Set(
        units.flatMap((unit) => {
          const kind = format.kindOf(unit)
          return isParameterSet(kind) ? [keyOf(unit, kind)] : []
        }),
      )
      return order.flatMap((kind) =>
        [...sets].flatMap(([key, stored]) => (stored.kind === kind && !present.has(key) ? [stored.bytes] : [])),
      )
    },
  }
}
