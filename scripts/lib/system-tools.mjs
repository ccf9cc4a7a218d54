import { hasOpencv, opencvApt } from './opencv.mjs'
import { announce, finished } from './progress.mjs'
import { run } from './run.mjs'

/**
 * @typedef {object} SystemTool
 * @property {string} name
 * @property {string} why what it is for
 * @property {() => Promise<boolean>} isPresent
 * @property {string} apt Debian's and Ubuntu's package, or several
 * @property {string} brew Homebrew's package
 */

/** @param {string} output of `ffmpeg -version` */
export function isRecentFfmpeg(output) {
  const [, major, minor] = /^ffmpeg version n?(\d+)\.(\d+)/m.exec(output) ?? []
  // A build from a snapshot has no number: it is newer than any release that would be too old.
  return major === undefined || Number(major) > 5 || (Number(major) === 5 && Number(minor) >= 1)
}

async function hasFfmpeg() {
  const { code, output } = await run('ffmpeg', ['-hide_banner', '-version'])
  return code === 0 && isRecentFfmpeg(output)
}

/** The shared libraries that node-screenshots is linked to: a machine without a desktop lacks them. */
async function hasScreenLibraries() {
  if (process.platform !== 'linux') return true
  const { output } = await run('/sbin/ldconfig', ['-p'])
  return ['libdbus-1.so.3', 'libxcb.so.1'].every((library) => output.includes(library))
}

/** @type {SystemTool} */
const opencvTool = {
  name: 'OpenCV 4 with its headers, a C++ compiler and Python',
  why: 'the tests of @snapmint/source-opencv read cameras and files with it',
  isPresent: hasOpencv,
  apt: opencvApt,
  brew: 'opencv python3',
}

/** What the tests need from the system. @type {readonly SystemTool[]} */
export const systemTools = [
  {
    name: 'FFmpeg 5.1 or newer',
    why: '@snapmint/source-ffmpeg reads files, streams and devices with it, @snapmint/source-screen the screen, and their tests run the real program',
    isPresent: hasFfmpeg,
    apt: 'ffmpeg',
    brew: 'ffmpeg',
  },
  {
    name: 'fswebcam',
    why: 'the tests of @snapmint/source-webcam take pictures of its test card and of files with it',
    // It says its version and exits with 255.
    isPresent: async () => /^fswebcam \d/m.test((await run('fswebcam', ['--version'])).output),
    apt: 'fswebcam',
    brew: 'fswebcam',
  },
  opencvTool,
  {
    name: 'ps',
    why: 'the tests of the sources that run other programs look for those left behind',
    isPresent: async () => (await run('ps', ['-p', '1', '-o', 'pid='])).code === 0,
    apt: 'procps',
    brew: 'proctools',
  },
  {
    name: 'Xvfb, an X server without a screen',
    why: 'the tests of @snapmint/source-screen and of `npm start -- --screen` capture its windows',
    isPresent: async () => (await run('Xvfb', ['-help'])).code === 0,
    apt: 'xvfb',
    brew: 'xquartz',
  },
  {
    name: 'libdbus and libxcb',
    why: 'node-screenshots, with which the tests of @snapmint/source-screen read the screen, is linked to them',
    isPresent: hasScreenLibraries,
    apt: 'libdbus-1-3 libxcb1',
    brew: 'dbus libxcb',
  },
]

/** The same without OpenCV, which takes minutes to install and to build. */
export const systemToolsWithoutOpencv = systemTools.filter((tool) => tool !== opencvTool)

async function missingTools(tools) {
  const present = await Promise.all(tools.map((tool) => tool.isPresent()))
  return tools.filter((_, index) => !present[index])
}

/** The words before `apt-get` that give it the right to install; undefined where there is no apt-get or no such right. */
async function aptPrefix() {
  const { code } = await run('apt-get', ['--version'])
  if (code !== 0) return undefined
  if (process.getuid?.() === 0) return []
  const sudo = await run('sudo', ['-n', 'true'])
  return sudo.code === 0 ? ['sudo', '-n'] : undefined
}

/** What a person would type. */
function installCommand(tools) {
  if (process.platform === 'darwin') return `brew install ${tools.map(({ brew }) => brew).join(' ')}`
  if (process.platform === 'linux')
    return `sudo apt-get install ${tools.map(({ apt }) => apt).join(' ')}   (Debian, Ubuntu; elsewhere your own package manager)`
  return `install ${tools.map(({ name }) => name).join(', ')} and put it on the PATH`
}

/** @param {readonly string[]} prefix of `aptPrefix` */
function aptGet(prefix, args) {
  const [program, ...rest] = [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-qq', ...args]
  return run(program, rest)
}

/** Once more when it fails: mirrors hiccup, and lists of packages change while they are read. */
async function aptInstall(prefix, packages) {
  let output = ''
  for (const last of [false, true]) {
    const update = await aptGet(prefix, ['update'])
    const install = await aptGet(prefix, ['install', '-y', '--no-install-recommends', ...packages])
    output += `${update.output}\n${install.output}`
    if (install.code === 0 || last) return { code: install.code, output }
  }
}

/** Brings apt's lists of packages up to date, where that is possible without a question. @returns {Promise<string>} what it said */
export async function updatePackageLists() {
  const prefix = await aptPrefix()
  return prefix === undefined ? 'apt-get is missing here, or would ask for a password' : (await aptGet(prefix, ['update'])).output
}

/**
 * Installs what is missing, by apt-get where that is possible without a question.
 * @param {readonly SystemTool[]} [tools]
 * @returns {Promise<readonly SystemTool[]>} what is still missing; the user has been told how to get it.
 */
export async function setUpSystemTools(tools = systemTools) {
  const missing = await missingTools(tools)
  if (missing.length === 0) return []
  const since = performance.now()
  const packages = missing.flatMap(({ apt }) => apt.split(' '))
  const prefix = await aptPrefix()
  let reason = 'apt-get is missing here, or would ask for a password'
  if (prefix !== undefined) {
    for (const { name, why } of missing) announce(`Installing ${name} by apt-get: ${why}`)
    const { code, output } = await aptInstall(prefix, packages)
    if (code === 0) finished(`installed ${packages.join(', ')}`, since)
    reason = code === 0 ? 'what apt-get has is too old, or not on the PATH' : `apt-get failed:\n${output.trim()}\n`
  }
  const still = await missingTools(missing)
  for (const { name, why } of still) console.warn(`! ${name} is missing: ${why}.`)
  if (still.length > 0) console.warn(`  Please install it yourself (${reason}): ${installCommand(still)}`)
  return still
}
