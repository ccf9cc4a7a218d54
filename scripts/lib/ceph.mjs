import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { announce, finished } from './progress.mjs'
import { cacheDirectory } from './root.mjs'
import { run } from './run.mjs'

/*
 * Ceph's S3 gateway is the one real S3 server that Debian and Ubuntu have. Its packages are unpacked into the cache and not installed: installing would bring services, users and
 * fifty packages more.
 */

const unpacked = join(cacheDirectory, 'ceph')
const servers = ['ceph-mon', 'ceph-osd', 'radosgw']

/** The programs that a cluster of one machine is made of. */
const programs = [...servers, 'ceph-authtool', 'monmaptool', 'osdmaptool', 'radosgw-admin']

/** Where Ceph's `usr` lies: the system's root, or the cache; undefined when it is in neither. @returns {string | undefined} */
export function findCeph() {
  return ['/', unpacked].find((root) => programs.every((program) => existsSync(join(root, 'usr', 'bin', program))))
}

/** Names of the servers' packages and of the libraries that they lack here. Python tools and what manages disks are left out. */
async function missingPackages() {
  const { code, output } = await run('apt-get', ['install', '--simulate', '--no-install-recommends', ...servers])
  if (code !== 0) return undefined
  const names = [...output.matchAll(/^Inst (\S+)/gm)].map(([, name]) => name)
  return names.filter((name) => /^(ceph-|radosgw$|lib)/.test(name))
}

async function download(directory) {
  let packages = await missingPackages()
  if (packages === undefined) {
    // A fresh machine has no lists of packages yet.
    if (process.getuid?.() === 0) await run('apt-get', ['-qq', 'update'])
    packages = await missingPackages()
  }
  if (packages === undefined) return 'apt-get is missing here, or does not know the packages (`sudo apt-get update` may help)'
  const { code, output } = await run('apt-get', ['-qq', 'download', ...packages], { cwd: directory })
  return code === 0 ? undefined : output.trim()
}

async function unpack(directory) {
  const root = join(directory, 'root')
  for (const name of readdirSync(directory).filter((file) => file.endsWith('.deb'))) {
    const { code, output } = await run('dpkg', ['-x', join(directory, name), root])
    if (code !== 0) return output.trim()
  }
  rmSync(unpacked, { recursive: true, force: true })
  renameSync(root, unpacked)
  return undefined
}

/**
 * Fetches Ceph for the tests of @snapmint/sink-s3. Does nothing when it is there.
 * @returns {Promise<boolean>} whether it is there now; if not, the user has been told.
 */
export async function setUpCeph() {
  if (findCeph() !== undefined) return true
  let problem = 'only Debian and Ubuntu have packages that can be used without being installed'
  if (process.platform === 'linux') {
    const since = performance.now()
    announce("Fetching Ceph's S3 gateway into .cache, for the tests of @snapmint/sink-s3 (60 MB; once)")
    const directory = join(cacheDirectory, 'ceph-download')
    rmSync(directory, { recursive: true, force: true })
    mkdirSync(directory, { recursive: true })
    problem = (await download(directory)) ?? (await unpack(directory))
    rmSync(directory, { recursive: true, force: true })
    if (problem === undefined && findCeph() !== undefined) {
      finished('Ceph unpacked', since)
      return true
    }
  }
  console.warn(
    `! Ceph's S3 gateway is missing, so @snapmint/sink-s3 is not tested against it: ${problem ?? 'its packages lack a program'}`,
  )
  return false
}
