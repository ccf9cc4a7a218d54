import { SnapmintError } from '../errors/snapmint-error.js'
import type { Media } from '../spec/media.js'

/** @throws `SNAPMINT_SINK_FAILED`, final, when `media` is of a kind that a sink of stills does not know. */
export function expectSnapshot(media: Media, adapter: string): void {
  const { kind } = media as { readonly kind: unknown }
  if (kind === 'snapshot') return
  throw new SnapmintError(
    'SNAPMINT_SINK_FAILED',
    `The ${adapter} sink stores media of the kind "snapshot" and cannot store "${String(kind)}"; use a sink that knows this kind, or a newer version`,
    { adapter },
  )
}
