/** Reasons why inputs could not be read without FFmpeg, found out in the middle of a run; by URL. For as long as the process or thread lives. */
const reasons = new Map<string, string>()

/** More inputs than this are forgotten, the oldest first. */
const maxInputs = 1000

/** Notes that only FFmpeg can play an input, so that its next run begins with it. Of the module, since every run has a source of its own. */
export function rememberUnsuitable(url: string, reason: string): void {
  reasons.set(url, reason)
  if (reasons.size > maxInputs) reasons.delete(reasons.keys().next().value as string)
}

/** @returns the reason, as the end of a sentence; undefined for an input of which nothing is known. */
export const unsuitableReason = (url: string): string | undefined => reasons.get(url)
