import { run } from '../lib/run.mjs'

const answers = async (command, args) => (await run(command, args)).code === 0

/** Inside the machine there is no C library before the host's file system is mounted: a BusyBox that needs one is of no use. */
async function hasStaticBusybox() {
  const { code, output } = await run('ldd', ['/bin/busybox'])
  return code !== 0 && /not a dynamic executable|statically linked/.test(output)
}

/** What building and running the machine needs. @type {readonly import('../lib/system-tools.mjs').SystemTool[]} */
export const machineTools = [
  {
    name: 'QEMU',
    why: 'a small machine with a real /dev/video0 runs in it',
    isPresent: () => answers('qemu-system-x86_64', ['--version']),
    apt: 'qemu-system-x86',
    brew: 'qemu',
  },
  {
    name: 'BusyBox (static)',
    why: 'it boots that machine',
    isPresent: hasStaticBusybox,
    apt: 'busybox-static',
    brew: 'busybox',
  },
  {
    name: 'kmod',
    why: "it tells which of the kernel's modules the camera driver needs",
    isPresent: () => answers('depmod', ['--version']),
    apt: 'kmod',
    brew: 'kmod',
  },
  {
    name: 'cpio',
    why: 'it packs what the machine boots from',
    isPresent: () => answers('cpio', ['--version']),
    apt: 'cpio',
    brew: 'cpio',
  },
  {
    name: 'v4l2-ctl',
    why: 'inside the machine, it unplugs the camera and changes its picture',
    isPresent: () => answers('v4l2-ctl', ['--version']),
    apt: 'v4l-utils',
    brew: 'v4l-utils',
  },
]
