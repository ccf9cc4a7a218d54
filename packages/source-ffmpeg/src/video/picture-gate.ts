import type { EpochMs } from '@snapmint/core/adapter'
import type { ReceivedUnit } from '../rtsp/rtp-receiver.js'
import type { Picture, PictureAssembler } from '../video/picture-assembler.js'
import type { VideoFormat } from '../video/video-format.js'

/** Where pictures may come out of order, so many at the start, or of so long, in ms, show whether they do: an encoder uses B-frames soon or never. */
const provingPictures = 6
const provingMs = 1000

/** A picture and the times that are known of it. */
export interface GatedPicture {
  readonly picture: Picture
  readonly mediaMs: number
  readonly timestamp: number
  readonly arrival: EpochMs
}

export interface PictureGateOptions {
  readonly format: VideoFormat
  readonly assembler: PictureAssembler
  readonly clockRate: number
  readonly onPicture: (picture: GatedPicture) => void
  /** The stream cannot go into the history as it comes; the reason is the end of a sentence. */
  readonly onUnsuitable: (reason: string) => void
  /** A picture is left out, because it or one that it needs is not whole. */
  readonly onLeftOut: () => void
  /** After pictures were left out, or at the start, a key picture came. */
  readonly onWhole: () => void
  /** A picture came that no key was before. */
  readonly onKeyless: (arrival: EpochMs) => void
}

/** Lets only pictures pass that decode whole: after something is lost, none before the next key picture. */
export function createPictureGate(options: PictureGateOptions) {
  const { format, assembler, clockRate, onPicture, onUnsuitable, onLeftOut, onWhole, onKeyless } = options
  let broken = true
  let hadKey = false
  let hasInBandSets = false
  let proving: GatedPicture[] | undefined = []

  /** Whether nothing is missing at the beginning of a unit before which packets were lost. */
  function beginsWhole(units: readonly Uint8Array[]): boolean {
    const first = units[0]
    const kind = first === undefined ? 'other' : format.kindOf(first)
    if (kind === 'delimiter' || /parameters$/.test(kind)) return true
    const slice = units.find((unit) => format.kindOf(unit) === 'slice')
    // Where parameter sets precede keys, they may be what is missing.
    return !hasInBandSets && slice !== undefined && format.isFirstSlice(slice)
  }

  function noteSets(units: readonly Uint8Array[]): void {
    hasInBandSets ||= units.some((unit) => format.kindOf(unit) === 'sequence-parameters')
  }

  function breakOff(): void {
    broken = true
    assembler.interrupt()
    if (hadKey) onLeftOut()
  }

  function pass(next: GatedPicture): void {
    if (proving === undefined) {
      onPicture(next)
      return
    }
    proving.push(next)
    const spanMs = next.mediaMs - (proving[0] as GatedPicture).mediaMs
    if (next.picture.mayReorder && proving.length < provingPictures && spanMs < provingMs) return
    flush()
  }

  function flush(): void {
    const pictures = proving ?? []
    proving = undefined
    for (const picture of pictures) onPicture(picture)
  }

  function noteSilentUnit({ units, condition, arrival }: ReceivedUnit): void {
    if (!hadKey && units.some((unit) => format.kindOf(unit) === 'slice')) onKeyless(arrival)
    if (condition === 'after-loss') broken = true
  }

  function takeUndamaged(received: ReceivedUnit): void {
    const { units, condition, timestamp, arrival } = received
    if (condition === 'after-loss') assembler.interrupt()
    const begins = condition === 'whole' || beginsWhole(units)
    noteSets(units)
    const picture = assembler.assemble(units)
    if (picture === undefined) noteSilentUnit(received)
    else if ('unsuitable' in picture) onUnsuitable(picture.unsuitable)
    else if ((broken || condition === 'after-loss') && !(picture.type === 'key' && begins)) breakOff()
    else {
      if (broken) onWhole()
      broken = false
      hadKey = true
      pass({ picture, mediaMs: (timestamp * 1000) / clockRate, timestamp, arrival })
    }
  }

  return {
    take(received: ReceivedUnit): void {
      if (received.condition === 'damaged') breakOff()
      else takeUndamaged(received)
    },
    /** Whether the parameter sets come with the pictures, so that they change with them. */
    hasInBandSets: () => hasInBandSets,
    /** The stream is over: what was held back passes. */
    end: flush,
  }
}
