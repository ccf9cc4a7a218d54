import type { DeliveredFrame, Receipt } from '@snapmint/core'
import { describeOffset, formatPlace, formatTime } from './format.js'

/** A picture farther off than this is hardly the one that was meant. */
const DAY_MS = 86_400_000

/**
 * A receipt for people: which picture, how far from the moment asked for, where it is.
 * @param directory where the user is: paths below are printed from there.
 */
export function receiptLine(title: string, receipt: Receipt, directory: string): string {
  return receipt.frames.map((frame) => `✓ ${title}: ${frameText(frame, directory)}`).join('\n')
}

function frameText({ targetTime, captureTime, offsetMs, uris, bytes }: DeliveredFrame, directory: string): string {
  const far = Math.abs(offsetMs) > DAY_MS
  const asked = far ? `${new Date(targetTime).toISOString()} (is targetTime in milliseconds?)` : formatTime(targetTime)
  const moment = `asked for ${asked}, the picture is of ${formatTime(captureTime)}, ${describeOffset(offsetMs)} it`
  return `${moment}\n    ${uris.map((uri) => formatPlace(uri, directory)).join(', ')} (${Math.ceil(bytes / 1000)} kB)`
}
