import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { Failure } from '../lib/failure.mjs'
import { run } from '../lib/run.mjs'

/** Quotes a word for a POSIX shell. @param {string} word */
export const quote = (word) => `'${word.replaceAll("'", "'\\''")}'`

/** Printed where the kernel's own words end and those of the program begin. */
export const guestBegins = '--- guest ---'
/** Printed when the program inside has ended, with its exit code. */
export const guestEnds = '--- guest ended with'

/**
 * The first program of the machine. It finds the camera's driver among the modules, the host's file system (read only) and the run's own folder (writable),
 * and runs the script in them as if it were on the host.
 */
const firstProgram = (folder, seconds) => `#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev
# Whatever becomes of the one who started it: the machine does not outlive its deadline.
(sleep ${seconds}; poweroff -f) &
for module in /modules/*.ko; do
  case $module in
    *vivid*) insmod "$module" n_devs=3 node_types=0x1,0x1,0x1 ;;
    *) insmod "$module" ;;
  esac
done
mount -t 9p -o ro,trans=virtio,version=9p2000.L,msize=512000,cache=loose host /host
mount --bind /dev /host/dev; mount -t proc proc /host/proc; mount -t sysfs sys /host/sys; mount -t tmpfs tmpfs /host/run
mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000 run /host${quote(folder)}
ip link set lo up
echo '${guestBegins}'
chroot /host /bin/sh ${quote(join(folder, 'guest.sh'))} </dev/null
echo "${guestEnds} $?"
poweroff -f
`

/**
 * Packs what the machine boots from: BusyBox, the modules, the first program.
 * @param {{ folder: string, modules: readonly string[], seconds: number }} options `folder`: the run's own.
 * @returns {Promise<string>} the archive
 */
export async function packInitialFiles({ folder, modules, seconds }) {
  const tree = join(folder, 'initial')
  for (const name of ['bin', 'modules', 'proc', 'sys', 'dev', 'host']) mkdirSync(join(tree, name), { recursive: true })
  cpSync('/bin/busybox', join(tree, 'bin', 'busybox'), { dereference: true })
  for (const module of modules) cpSync(module, join(tree, 'modules', basename(module)))
  writeFileSync(join(tree, 'init'), firstProgram(folder, seconds), { mode: 0o755 })
  const archive = join(folder, 'initial.cpio')
  const { code, output } = await run('/bin/sh', ['-c', `find . | cpio -o -H newc >${quote(archive)}`], { cwd: tree })
  if (code !== 0) throw new Failure(`cpio cannot pack what the machine boots from:\n${output.trim()}`)
  return archive
}
