/** How long something took, for people. */
export const seconds = (sinceMs) => `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`

/** One line about what happens next and why it takes a while. */
export const announce = (text) => console.log(`• ${text}`)

/** One line about what has just been finished. */
export const finished = (text, sinceMs) => console.log(`✓ ${text} (${seconds(sinceMs)})`)
