import type { DeliveredFrame, Receipt } from '@snapmint/core'
import { describeOffset, formatPlace, formatTime } from './format.js'

/**
 * A receipt for people: which picture, how far from the moment asked for, where it is.
 * @param directory where the user is: paths below are printed from there.
 */
export function receiptLine(title: string, receipt: Receipt, directory: string): string {
  return receipt.frames.map((frame) => `✓ ${title}: ${frameText(frame, directory)}`).join('\n')
}

function frameText({ targetTime, captureTime, offsetMs, uris, bytes }: DeliveredFrame, directory: string): string {
  const moment = `asked for ${formatTime(targetTime)}, the picture is of ${formatTime(captureTime)}, ${describeOffset(offsetMs)} it`
  return `${moment}\n    ${uris.map((uri) => formatPlace(uri, directory)).join(', ')} (${Math.ceil(bytes / 1000)} kB)`
}
