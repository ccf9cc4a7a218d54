import { screenError } from '../screen-error.js'
import type { GrabberExit } from './run-grabber.js'

const install =
  'Install FFmpeg 5.1 or later (Debian, Ubuntu: `sudo apt install ffmpeg`; macOS: `brew install ffmpeg`; Windows: `winget install ffmpeg`), say where it is with the option `ffmpegPath`, ' +
  "or do without it: `npm install node-screenshots@0.2 @julusian/jpeg-turbo@2.3.0` and `engine: 'native'`"

/**
 * Tells what the end of FFmpeg means. A screen has no end, so it is always a failure.
 * @param title what was captured.
 * @param frames how many pictures it had delivered.
 */
export function explainExit(path: string, title: string, exit: GrabberExit, frames: number): Error {
  const { code, signal, words, failure } = exit
  const said = quoted(words)
  if (failure === 'ENOENT') return missing(`The program "${path}" was not found`)
  if (failure === 'EACCES') return missing(`The program "${path}" may not be executed`)
  if (/Unrecognized option 'fps_mode'/.test(words)) return missing(`The program "${path}" is too old an FFmpeg`)
  if (/Unknown input format/.test(words)) return missing(`The program "${path}" was built without what grabs screens${said}`)
  const what = `FFmpeg, capturing ${title},`
  if (failure !== undefined) return screenError('SNAPMINT_SOURCE_FAILED', `${what} failed: ${failure}`)
  if (signal !== null) return screenError('SNAPMINT_SOURCE_CRASHED', `${what} was killed by ${signal}${said}; it is started anew`)
  if (/Cannot open display/.test(words))
    return screenError('SNAPMINT_SOURCE_UNAVAILABLE', `${what} cannot reach the X server${said}`)
  if (
    /outside the screen|invalid window|Could not find video device|Cannot get the image|can't find window|BadMatch|BadWindow/i.test(
      words,
    )
  ) {
    const advice = 'it has changed its size, was closed or hidden, or reaches beyond the screen; it is tried again'
    return screenError('SNAPMINT_SOURCE_UNAVAILABLE', `${what} cannot read it any more${said}: ${advice}`)
  }
  const kind = frames > 0 || code === 0 ? 'SNAPMINT_SOURCE_ENDED' : 'SNAPMINT_SOURCE_FAILED'
  return screenError(kind, `${what} ended with exit code ${code} after ${frames} frames${said}`)
}

const missing = (what: string) => screenError('SNAPMINT_MISSING_DEPENDENCY', `${what}. ${install}`, { retryable: false })

/** FFmpeg's last line, without the module's address in front. */
function quoted(words: string): string {
  const line = words.trim().split(/\r?\n/).at(-1) ?? ''
  return line === '' ? '' : `: ${line.replace(/^(\[[^\]]* @ [^\]]*\]\s*)+/, '').slice(0, 300)}`
}
