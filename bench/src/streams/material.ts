import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** Prepared streams of 1080p at 30 frames a second, ten seconds long. */
export interface Material {
  /** Annex B, 4 Mbit/s, a key picture each second. */
  readonly h264: string
  /** A folder of JPEG files. */
  readonly jpegs: string
  remove(): Promise<void>
}

const run = promisify(execFile)
/** A test pattern with noise on it: as hard to encode as a street. */
const picture = ['-f', 'lavfi', '-i', 'testsrc2=size=1920x1080:rate=30:duration=10,noise=alls=6:allf=t']

export async function makeMaterial(kinds: readonly ('h264' | 'jpegs')[]): Promise<Material> {
  const directory = await mkdtemp(join(tmpdir(), 'snapmint-bench-'))
  const ffmpeg = (...args: string[]) => run('ffmpeg', ['-nostdin', '-hide_banner', '-loglevel', 'error', ...args])
  const h264 = join(directory, 'stream.h264')
  const rate = ['-b:v', '4M', '-minrate', '4M', '-maxrate', '4M', '-bufsize', '2M']
  const codec = ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p', '-g', '30']
  if (kinds.includes('h264'))
    await ffmpeg(
      ...picture,
      ...codec,
      ...rate,
      '-x264-params',
      'nal-hrd=cbr:keyint=30:scenecut=0:repeat-headers=1',
      '-f',
      'h264',
      h264,
    )
  if (kinds.includes('jpegs'))
    await ffmpeg(...picture, '-frames:v', '60', '-pix_fmt', 'yuvj420p', '-q:v', '7', join(directory, '%03d.jpg'))
  return { h264, jpegs: directory, remove: () => rm(directory, { recursive: true, force: true }) }
}
