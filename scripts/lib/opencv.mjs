import { copyFileSync, existsSync, mkdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { announce, finished } from './progress.mjs'
import { cacheDirectory, readJson, root } from './root.mjs'
import { run, runNode } from './run.mjs'

/*
 * @u4/opencv4nodejs comes as source code: its native part is compiled against the system's OpenCV, once for each major version of Node.js. Its install script is not run (it
 * fails where OpenCV is missing, and takes the whole installation with it); this does what it would.
 */

const packageDirectory = join(root, 'packages', 'source-opencv', 'node_modules', '@u4', 'opencv4nodejs')
const cache = join(cacheDirectory, 'opencv')
const addonOf = (directory) => join(directory, 'build', 'Release', 'opencv4nodejs.node')

/** What the adapter needs of OpenCV. Everything else is left out: it would take twice as long. */
const modules = ['core', 'highgui', 'imgcodecs', 'imgproc', 'videoio']

/** Debian's and Ubuntu's packages for the build. */
export const opencvApt = ['build-essential', 'python3', ...modules.map((module) => `libopencv-${module}-dev`)].join(' ')

const headers = ['/usr/include/opencv4', '/usr/local/include/opencv4', '/opt/homebrew/include/opencv4']
const findHeaders = () =>
  headers.find((directory) => modules.every((module) => existsSync(join(directory, 'opencv2', `${module}.hpp`))))

/** Whether the native part is there, fits this Node.js and finds OpenCV: only loading it tells. It may crash, so another process does it. */
async function loads(addon) {
  if (!existsSync(addon)) return false
  const script = `const cv = require(${JSON.stringify(addon)}); process.exit(cv.VideoCapture && cv.imencodeAsync ? 0 : 1)`
  const { code } = await run(process.execPath, ['-e', script])
  return code === 0
}

/** Whether the module is built, or can be. */
export async function hasOpencv() {
  if (existsSync(packageDirectory) && (await loads(addonOf(packageDirectory)))) return true
  const tools = await Promise.all(['g++', 'make', 'python3'].map((tool) => run(tool, ['--version'])))
  return findHeaders() !== undefined && tools.every(({ code }) => code === 0)
}

/**
 * Where this Node's own headers lie, as node-gyp's `nodedir`: most installations bring them. Otherwise node-gyp fetches them.
 * @param {string} execPath
 */
export function nodeHeaders(execPath = realpathSync(process.execPath)) {
  const prefix = dirname(dirname(execPath))
  const version = join(prefix, 'include', 'node', 'node_version.h')
  if (!existsSync(version)) return undefined
  // Next to a Node.js that was put there by hand, the headers may be those of another one.
  const [, major] = /^#define NODE_MAJOR_VERSION (\d+)/m.exec(readFileSync(version, 'utf8')) ?? []
  return major === process.versions.node.split('.')[0] ? prefix : undefined
}

/** Debian's headers announce every module, also those that are not installed; in a folder before them, this announces ours. */
function writeTrimmedHeaders() {
  const include = join(cache, 'include')
  rmSync(include, { recursive: true, force: true })
  mkdirSync(join(include, 'opencv2'), { recursive: true })
  symlinkSync(findHeaders(), join(include, 'opencv4'))
  const lines = modules.map((module) => `#define HAVE_OPENCV_${module.toUpperCase()}\n`)
  writeFileSync(join(include, 'opencv2', 'opencv_modules.hpp'), lines.join(''))
  return include
}

async function compile(directory) {
  const gyp = createRequire(join(directory, 'package.json')).resolve('node-gyp/bin/node-gyp.js')
  const nodedir = process.env.npm_config_nodedir ?? nodeHeaders()
  const env = {
    OPENCV4NODEJS_DISABLE_AUTOBUILD: '1',
    OPENCV_INCLUDE_DIR: process.env.OPENCV_INCLUDE_DIR ?? writeTrimmedHeaders(),
    // The build asks `node` for paths: it is to be this one.
    PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
  }
  const jobs = ['-j', String(availableParallelism())]
  return runNode(gyp, ['rebuild', ...jobs, ...(nodedir === undefined ? [] : [`--nodedir=${nodedir}`])], {
    cwd: directory,
    env,
    yielding: true,
  })
}

/**
 * Builds the native part of @u4/opencv4nodejs for @snapmint/source-opencv. Does nothing when it is there; takes it from the cache when the packages were
 * installed anew.
 * @returns {Promise<boolean>} whether it is there now; if not, the user has been told.
 */
export async function setUpOpencv() {
  if (!existsSync(packageDirectory)) return true // the packages are not installed, so nothing needs it
  const directory = realpathSync(packageDirectory)
  const addon = addonOf(directory)
  if (await loads(addon)) return true
  const { version } = readJson(join(directory, 'package.json'))
  const cached = join(cache, `opencv4nodejs-${version}-${process.platform}-${process.arch}-${process.versions.modules}.node`)
  if (await loads(cached)) {
    mkdirSync(dirname(addon), { recursive: true })
    copyFileSync(cached, addon)
    return true
  }
  if (findHeaders() === undefined) return false // reported with the other missing tools
  const since = performance.now()
  announce(
    `Building @u4/opencv4nodejs against this machine's OpenCV, for @snapmint/source-opencv (two to six minutes on two cores; once)`,
  )
  const { code, output } = await compile(directory)
  if (code === 0 && (await loads(addon))) {
    mkdirSync(cache, { recursive: true })
    copyFileSync(addon, cached)
    finished('OpenCV module built', since)
    return true
  }
  const end = output.trim().split('\n').slice(-15).join('\n')
  console.warn(`! @u4/opencv4nodejs could not be built; @snapmint/source-opencv needs it:\n${end}`)
  return false
}
