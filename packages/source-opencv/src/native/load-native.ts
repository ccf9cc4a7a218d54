import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { isMainThread } from 'node:worker_threads'
import { errorMessage, SnapmintError } from '@snapmint/core/adapter'
import type { NativeModule } from './native-module.js'

const packageName = '@u4/opencv4nodejs'
const libraries =
  'sudo apt install build-essential python3 libopencv-dev (Debian, Ubuntu) or brew install opencv (macOS), then OPENCV4NODEJS_DISABLE_AUTOBUILD=1'

export interface NativeLoader {
  /** The package's own main file; throws when there is no such package. */
  readonly resolve: () => string
  readonly exists: (path: string) => boolean
  readonly load: (path: string) => unknown
  readonly isMainThread: boolean
}

const require = createRequire(import.meta.url)
const systemLoader: NativeLoader = {
  resolve: () => require.resolve('@u4/opencv4nodejs'),
  exists: existsSync,
  load: (path) => require(path),
  isMainThread,
}

/**
 * Loads OpenCV: the compiled part of `@u4/opencv4nodejs` itself. Its JavaScript part prints to stdout, reads the working directory's package.json (and dies of a
 * damaged one) and looks for a build of its own; nothing of it is needed. Takes about 0.2 s and 100 MB.
 *
 * @throws `SNAPMINT_MISSING_DEPENDENCY` when the package or OpenCV is missing, or does not fit this Node.js; `SNAPMINT_SOURCE_FAILED` in a worker thread.
 */
export function loadNative(loader: NativeLoader = systemLoader): NativeModule {
  // Its state belongs to the process: a second thread that loads it ends the process with SIGSEGV.
  if (!loader.isMainThread)
    throw new SnapmintError(
      'SNAPMINT_SOURCE_FAILED',
      `${packageName} cannot be used in a worker thread; leave the source's \`host\` in place, so that it runs in a process of its own`,
      { adapter: 'opencv', retryable: false },
    )
  const path = findAddon(loader)
  let native: Partial<NativeModule>
  try {
    native = loader.load(path) as Partial<NativeModule>
  } catch (thrown) {
    throw unloadable(thrown)
  }
  if (native.VideoCapture !== undefined && native.imencodeAsync !== undefined) return native as NativeModule
  throw missing(
    `${packageName} was built without OpenCV's modules videoio, imgcodecs, imgproc and highgui: install them and build it anew: ${libraries} npm rebuild ${packageName}`,
  )
}

function findAddon(loader: NativeLoader): string {
  let main: string
  try {
    main = loader.resolve()
  } catch (cause) {
    const what = `opencvSource needs the npm package ${packageName} and OpenCV 4, and the package is not installed`
    throw missing(`${what}: ${libraries} npm install ${packageName}`, cause)
  }
  const builds = ['Release', 'Debug'].map((build) => join(dirname(main), '..', '..', 'build', build, 'opencv4nodejs.node'))
  const path = builds.find(loader.exists)
  if (path !== undefined) return path
  const what = `The npm package ${packageName} is installed, but its native part is not built`
  throw missing(`${what}: ${libraries} npm rebuild ${packageName} (pnpm: list it under \`allowBuilds\`)`)
}

function unloadable(thrown: unknown): SnapmintError {
  const said = errorMessage(thrown)
  if (/different Node\.js version|NODE_MODULE_VERSION|did not self-register/i.test(said))
    return missing(
      `${packageName} was built for another version of Node.js than ${process.version}: run OPENCV4NODEJS_DISABLE_AUTOBUILD=1 npm rebuild ${packageName} (${said})`,
      thrown,
    )
  const library = /lib(opencv_\w+)[\w.]*|(opencv_\w+\.dll)/i.exec(said)?.[0]
  const what = library === undefined ? `${packageName} cannot be loaded` : `${packageName} does not find OpenCV (${library})`
  return missing(`${what}: ${libraries} npm rebuild ${packageName} (${said})`, thrown)
}

function missing(message: string, cause?: unknown): SnapmintError {
  return new SnapmintError('SNAPMINT_MISSING_DEPENDENCY', message, { adapter: 'opencv', retryable: false, cause })
}
