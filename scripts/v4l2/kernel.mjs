import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { Failure } from '../lib/failure.mjs'
import { announce, finished } from '../lib/progress.mjs'
import { cacheDirectory } from '../lib/root.mjs'
import { run } from '../lib/run.mjs'
import { hashOf, readStamp, writeStamp } from '../lib/stamp.mjs'
import { updatePackageLists } from '../lib/system-tools.mjs'

/**
 * @typedef {object} Kernel
 * @property {string} image the file to boot
 * @property {readonly string[]} modules files, in the order in which they are loaded
 */

/** The host's file system comes over 9p, the camera from vivid, the kernel's own test driver for V4L2. */
const wantedModules = ['virtio_pci', '9pnet_virtio', '9p', 'vivid']

const directory = join(cacheDirectory, 'v4l2', 'kernel')

/** Debian's package of the newest kernel does nothing but depend on the one that holds it. */
const metaPackage = 'linux-image-amd64'

async function packageName() {
  const { output } = await run('apt-cache', ['depends', metaPackage])
  return /^\s*Depends: (linux-image-\d\S*)$/m.exec(output)?.[1]
}

/** The first try may fail because the lists of packages are missing or out of date, or because the network hiccups. */
async function download(folder) {
  let said = ''
  for (const retrying of [false, true]) {
    if (retrying) said += await updatePackageLists()
    const name = await packageName()
    if (name === undefined) continue
    const { code, output } = await run('apt-get', ['download', '-o', 'APT::Sandbox::User=root', name], { cwd: folder })
    if (code === 0) return name
    said += output
  }
  throw new Failure(`apt-get cannot download the kernel of the machine (${metaPackage}):\n${said.trim()}`)
}

async function must(command, args, options) {
  const { code, output } = await run(command, args, options)
  if (code !== 0) throw new Failure(`${command} ${args.join(' ')} failed:\n${output.trim()}`)
  return output
}

/** Each module after those it needs. */
async function modulesInOrder(unpacked, release) {
  await must('depmod', ['-b', unpacked, release])
  const lines = []
  for (const name of wantedModules) {
    const output = await must('modprobe', ['-d', unpacked, '-S', release, '--show-depends', name])
    lines.push(...output.split('\n'))
  }
  return [...new Set(lines.flatMap((line) => /^insmod (\S.*\.ko)\s*$/.exec(line)?.[1] ?? []))]
}

async function unpack(archive, folder) {
  const unpacked = join(folder, 'unpacked')
  await must('dpkg-deb', ['-x', archive, unpacked])
  const image = readdirSync(join(unpacked, 'boot')).find((name) => name.startsWith('vmlinuz-'))
  if (image === undefined) throw new Failure(`${basename(archive)} holds no kernel`)
  const files = await modulesInOrder(unpacked, image.slice('vmlinuz-'.length))
  mkdirSync(join(folder, 'modules'))
  files.forEach((file, index) => {
    cpSync(file, join(folder, 'modules', `${String(index).padStart(2, '0')}-${basename(file)}`))
  })
  cpSync(join(unpacked, 'boot', image), join(folder, 'vmlinuz'))
  rmSync(unpacked, { recursive: true })
}

async function fetchKernel() {
  const since = performance.now()
  announce("Downloading Debian's kernel for the machine with the camera (70 MB, unpacked into .cache, not installed)")
  const folder = `${directory}-${process.pid}`
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  try {
    const name = await download(folder)
    const archive = readdirSync(folder).find((file) => file.endsWith('.deb'))
    await unpack(join(folder, archive), folder)
    rmSync(join(folder, archive))
    rmSync(directory, { recursive: true, force: true })
    renameSync(folder, directory)
    finished(`${name} unpacked`, since)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * The kernel that the machine boots, downloaded when it is not there yet.
 * @returns {Promise<Kernel>}
 * @throws Failure when it cannot be had
 */
export async function getKernel() {
  const hash = hashOf([], [metaPackage, ...wantedModules])
  const complete = () => existsSync(join(directory, 'vmlinuz')) && readStamp('v4l2-kernel').hash === hash
  if (!complete()) {
    await fetchKernel()
    writeStamp('v4l2-kernel', { hash })
  }
  const modules = join(directory, 'modules')
  return {
    image: join(directory, 'vmlinuz'),
    modules: readdirSync(modules)
      .sort()
      .map((name) => join(modules, name)),
  }
}
