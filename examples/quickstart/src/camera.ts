import { type Stats, statSync } from 'node:fs'
import { basename } from 'node:path'
import type { FrameSource } from '@snapmint/core'
import { ffmpegSource } from '@snapmint/source-ffmpeg'
import { sketchSource } from '@snapmint/source-sketch'
import type { QuickstartOptions } from './options.js'
import { UserError } from './user-error.js'

export interface Camera {
  readonly source: FrameSource
  /** What it is, for people; without credentials. */
  readonly title: string
}

/**
 * The sketch camera, the screen, or whatever FFmpeg opens.
 * @throws UserError for a file that is not there, or is none, and for a URL of a kind that FFmpeg is not asked to open.
 */
export async function chooseCamera({ input, screen }: Pick<QuickstartOptions, 'input' | 'screen'>): Promise<Camera> {
  if (screen) {
    // Built by `npm start` only when it is asked for.
    const { screenSource } = await import('@snapmint/source-screen')
    return { source: screenSource({ frameRate: 5 }), title: 'the primary display of this computer, at 5 fps' }
  }
  if (input === undefined) {
    const size = { width: 1280, height: 720, frameRate: 30 }
    return {
      source: sketchSource(size),
      title: `a sketch that draws itself, ${size.width}×${size.height} at ${size.frameRate} fps`,
    }
  }
  // A recording goes on from its start when it ends; a stream or a device has no end.
  const isFile = checkInput(input)
  try {
    return { source: ffmpegSource({ input, loop: isFile }), title: isFile ? `${basename(input)}, in a loop` : title(input) }
  } catch (error) {
    if (error instanceof TypeError) throw new UserError(error.message)
    throw error
  }
}

/**
 * What is plainly wrong is told before anything starts; FFmpeg tells the rest. A device that is missing may be plugged in later.
 * @returns whether it is a file.
 */
function checkInput(input: string): boolean {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(input)) return false
  const stats = statOf(input)
  if (stats === 'none' && !input.startsWith('/dev/')) throw new UserError(`The file "${input}" does not exist: check the path`)
  if (typeof stats === 'string') return false
  if (stats.isDirectory()) throw new UserError(`"${input}" is a directory: name a video file in it`)
  return stats.isFile()
}

function statOf(path: string): Stats | 'none' | 'unknown' {
  try {
    return statSync(path, { throwIfNoEntry: false }) ?? 'none'
  } catch {
    return 'unknown'
  }
}

function title(input: string): string {
  const [, scheme] = /^([a-z][a-z0-9+.-]*:\/\/)/i.exec(input) ?? []
  if (scheme === undefined) return input
  const url = URL.canParse(input) ? new URL(input) : undefined
  // An @ behind the host: of a password with a slash in it that is not escaped, so that what reads as the host is none.
  const isCertain = url !== undefined && url.host !== '' && !`${url.pathname}${url.search}${url.hash}`.includes('@')
  return scheme + (isCertain ? url.host : '***')
}
