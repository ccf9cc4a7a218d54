/** What Firestore's client says, where nobody can catch it, when it was closed while it asked again for an answer that did not come. */
const harmless = /client has already been terminated/i

/** Of rejections that nobody handles, passes over the one that Firestore's client leaves behind; any other ends the process, as ever. */
export function passOverLateRejections(): void {
  process.on('unhandledRejection', (reason) => {
    if (!(reason instanceof Error && harmless.test(reason.message))) throw reason
  })
}
