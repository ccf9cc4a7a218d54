import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isXDisplayId, type ScreenSession, screenSession, xScreenOf } from './screen-session.js'
import { isXScreenName, type ResolvedScreenOptions, type ScreenEngine } from './screen-source-options.js'

/** What the choice depends on besides the options. */
export interface EngineSurroundings {
  readonly platform: NodeJS.Platform
  readonly env: NodeJS.ProcessEnv
  /** Whether the program is there; looked up only where it matters. */
  hasFfmpeg(): boolean
  /** Whether node-screenshots and the JPEG encoder are there; looked up only where it matters. */
  hasNative(): boolean
}

/** Above so many frames a second a process that goes on grabbing beats calls from here, on systems other than X11. */
const nativeMaxFrameRate = 5

/**
 * Chooses what takes the pictures. What the options ask for decides; where two engines can do it, the better one that is installed. With neither installed
 * it is the better one, whose run then says what to install.
 * @throws TypeError for a combination that no engine can do.
 */
export function chooseEngine(options: ResolvedScreenOptions, surroundings: EngineSurroundings): ScreenEngine {
  const { engine } = options
  const { env } = surroundings
  const session = screenSession(options.display, surroundings.platform, env)
  const able = (['ffmpeg', 'native'] as const).filter((candidate) => hindrance(candidate, options, session, env) === undefined)
  if (engine !== 'auto') {
    const reason = hindrance(engine, options, session, env)
    if (reason !== undefined) throw new TypeError(`${reason}; choose another \`engine\`, or leave it out`)
    return engine
  }
  const [only] = able
  if (only === undefined)
    throw new TypeError(`${hindrance('native', options, session, env)}; ${hindrance('ffmpeg', options, session, env)}`)
  if (able.length === 1) return only
  const better: ScreenEngine = session === 'x11' || options.frameRate > nativeMaxFrameRate ? 'ffmpeg' : 'native'
  const other: ScreenEngine = better === 'ffmpeg' ? 'native' : 'ffmpeg'
  const has = { ffmpeg: surroundings.hasFfmpeg, native: surroundings.hasNative }
  return !has[better]() && has[other]() ? other : better
}

/** Why an engine cannot do what is asked; undefined if it can. */
function hindrance(
  engine: ScreenEngine,
  { cursor, window, display }: ResolvedScreenOptions,
  session: ScreenSession,
  env: NodeJS.ProcessEnv,
): string | undefined {
  if (engine === 'native') {
    if (cursor) return 'The engine "native" cannot show the mouse pointer (`cursor: true`)'
    if (isXScreenName(display) || (isXDisplayId(display) && xScreenOf(String(display)) !== xScreenOf(env.DISPLAY ?? '')))
      return 'The engine "native" knows the displays of the X screen in the environment variable DISPLAY only, one by one'
    if (session === 'wayland' && window !== undefined) return 'Under Wayland no program may pick a window of another (`window`)'
    return undefined
  }
  if (session === 'wayland') return 'FFmpeg cannot read the screen under Wayland'
  if (session !== 'x11' && window !== undefined) return 'The engine "ffmpeg" captures windows on X11 only'
  return undefined
}

/** The surroundings of this process. */
export function engineSurroundings(ffmpegPath: string): EngineSurroundings {
  const { platform, env } = process
  return {
    platform,
    env,
    hasFfmpeg: () => isProgram(ffmpegPath, platform, env),
    hasNative: () => isPackage('node-screenshots') && isPackage('@julusian/jpeg-turbo'),
  }
}

/** Looks where the system would; starts nothing. */
function isProgram(path: string, platform: NodeJS.Platform, env: NodeJS.ProcessEnv): boolean {
  const isWindows = platform === 'win32'
  const folders = /[\\/]/.test(path) ? [''] : (env.PATH ?? env.Path ?? '').split(delimiter)
  const endings = isWindows ? ['', '.exe', '.cmd', '.bat'] : ['']
  return folders.some((folder) =>
    endings.some((ending) => isExecutable(folder === '' ? path + ending : join(folder, path + ending))),
  )
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Looks where `import()` would; `require.resolve` also looks into NODE_PATH. */
function isPackage(name: string): boolean {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'node_modules', name, 'package.json'))) return true
    if (folder === dirname(folder)) return false
  }
}
