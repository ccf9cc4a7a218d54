import type { Frame } from '@snapmint/core/adapter'
import type { FfmpegSourceOptions } from '../ffmpeg-source-options.js'
import type { InputPlan } from '../input/plan-input.js'
import type { PlayerOptions } from '../player.js'

type Size = Pick<Frame, 'codedWidth' | 'codedHeight'>

/** Tells the operator once when a device delivers another size than it was asked for. */
export function createModeNotice(
  plan: InputPlan,
  { width, height }: FfmpegSourceOptions,
  { notice }: PlayerOptions['context'],
): (size: Size) => void {
  let checked = plan.kind !== 'device' || width === undefined || height === undefined
  return ({ codedWidth, codedHeight }) => {
    if (checked || codedWidth === undefined || codedHeight === undefined) return
    checked = true
    if (codedWidth === width && codedHeight === height) return
    const message = `"${plan.label}" was asked for ${width}×${height} and delivers ${codedWidth}×${codedHeight}`
    notice?.(message, { asked: { width, height }, actual: { width: codedWidth, height: codedHeight } })
  }
}
