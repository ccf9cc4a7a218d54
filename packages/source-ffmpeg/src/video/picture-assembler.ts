import { startCode } from './annex-b.js'
import { createParameterSets, isParameterSet } from './parameter-sets.js'
import { recoveryPointOf } from './recovery-point.js'
import type { SequenceParameters } from './sequence-parameters.js'
import type { Slice, UnitKind, VideoFormat } from './video-format.js'

/** One picture of a stream, ready for the history but for its time. */
export interface Picture {
  /** Annex B, a key picture with its parameter sets before it. Owned by the receiver. */
  readonly data: Uint8Array<ArrayBuffer>
  readonly type: 'key' | 'delta'
  readonly codec: string
  readonly codedWidth: number
  readonly codedHeight: number
  /** Whether the stream does not rule out that pictures come in another order than they are shown. */
  readonly mayReorder: boolean
}

/** Why pictures cannot go into the history as they come; the end of a sentence. */
export interface Unsuitable {
  readonly unsuitable: string
}

/** Pictures in another order than they are shown: the history wants the order of capture. */
export const reordered = 'its pictures come in another order than they are shown (B-frames)'
/** Pictures that get whole bit by bit: the history wants pictures that decode alone. */
const refreshed = 'it has no key frames but refreshes its pictures bit by bit'
const interlaced = 'its pictures are halves of frames (interlaced)'

/**
 * Makes pictures of access units: keeps the parameter sets and puts them before key pictures, tells keys from deltas, and watches the order of display.
 * @param initial parameter sets that came with the description of the stream.
 */
export function createPictureAssembler(format: VideoFormat, initial: readonly Uint8Array[] = []) {
  const sets = createParameterSets(format)
  let active: SequenceParameters | undefined
  let lastOrder: number | undefined
  let hadKey = false
  let refreshes = 0
  for (const unit of initial) {
    const kind = format.kindOf(unit)
    if (isParameterSet(kind)) sets.put(unit, kind)
  }

  /** Whether the picture is shown before one that came before it. */
  function stepsBack({ order, restartsOrder, parameters, bidirectional }: Slice): boolean {
    if (parameters.maxReorder === 0) return false
    if (order === undefined) return bidirectional
    const previous = restartsOrder ? undefined : lastOrder
    lastOrder = order
    if (previous === undefined) return false
    const range = 2 ** (parameters.slice.orderBits ?? 0)
    const step = (order - previous + range) % range
    return step > range / 2
  }

  function isKey(slice: Slice, units: readonly Uint8Array[], kinds: readonly UnitKind[], recovery: number | undefined): boolean {
    if (slice.key) return true
    if (recovery !== 0 || !format.startsAtRecoveryPoint) return false
    return units.every((unit, index) => kinds[index] !== 'slice' || format.parseSlice(unit, sets.find)?.intra === true)
  }

  /** Recovery points without keys: one may be by the way, a second one in a row is how the stream does it. */
  function countsAsRefreshed(key: boolean, recovery: number | undefined): boolean {
    if (key) refreshes = 0
    else if (recovery !== undefined) refreshes += 1
    return refreshes > (hadKey ? 1 : 0)
  }

  /** Whether a delta's header would tell nothing new. Most pictures are such, and come often. */
  function needsNoLook(slice: Uint8Array, recovery: number | undefined): boolean {
    if (active === undefined || recovery !== undefined || format.isKeySlice(slice)) return false
    return active.maxReorder === 0 && active.slice.framesOnly
  }

  function toPicture(
    units: readonly Uint8Array[],
    kinds: readonly UnitKind[],
    { codec, codedWidth, codedHeight, maxReorder }: SequenceParameters,
    key: boolean,
  ): Picture {
    const kept = units.filter((_, index) => kinds[index] !== 'delimiter' && kinds[index] !== 'padding')
    const data = joinAnnexB(key ? [...sets.missingFrom(kept), ...kept] : kept)
    return { data, type: key ? 'key' : 'delta', codec, codedWidth, codedHeight, mayReorder: maxReorder !== 0 }
  }

  return {
    /** Says that pictures were lost: the place of the next one in the order of display tells nothing. */
    interrupt(): void {
      lastOrder = undefined
    },
    /**
     * @param units the NAL units of one access unit, complete; borrowed.
     * @returns undefined for what has no picture, or one that nobody can decode: no key came before it, or it is damaged.
     */
    assemble(units: readonly Uint8Array[]): Picture | Unsuitable | undefined {
      const kinds = units.map((unit) => format.kindOf(unit))
      let recovery: number | undefined
      units.forEach((unit, index) => {
        const kind = kinds[index] as UnitKind
        if (isParameterSet(kind)) sets.put(unit, kind)
        else if (kind === 'message') recovery ??= recoveryPointOf(unit, format.headerBytes)
      })
      const first = units[kinds.indexOf('slice')]
      if (first === undefined) return undefined
      if (active !== undefined && needsNoLook(first, recovery)) return toPicture(units, kinds, active, false)
      const slice = format.parseSlice(first, sets.find)
      if (slice === undefined) return undefined
      if (slice.field) return { unsuitable: interlaced }
      if (stepsBack(slice)) return { unsuitable: reordered }
      const key = isKey(slice, units, kinds, recovery)
      if (countsAsRefreshed(key, recovery)) return { unsuitable: refreshed }
      if (key) active = slice.parameters
      hadKey ||= key
      return active && toPicture(units, kinds, active, key)
    },
  }
}

export type PictureAssembler = ReturnType<typeof createPictureAssembler>

function joinAnnexB(units: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const length = units.reduce((sum, unit) => sum + startCode.length + unit.length, 0)
  // Memory of its own, not zeroed first: every byte is written below.
  const data = new Uint8Array(Buffer.allocUnsafeSlow(length).buffer as ArrayBuffer)
  let position = 0
  for (const unit of units) {
    data.set(startCode, position)
    data.set(unit, position + startCode.length)
    position += startCode.length + unit.length
  }
  return data
}
