import type { Stats } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { SnapmintError } from '@snapmint/core/adapter'

/**
 * Looks at a local file before FFmpeg does, to say plainly what is wrong with it.
 * @throws `SNAPMINT_SOURCE_NOT_FOUND`, `SNAPMINT_SOURCE_UNREADABLE`
 */
export async function checkFile(path: string): Promise<void> {
  let stats: Stats
  try {
    stats = await stat(path)
  } catch (thrown) {
    throw explain(path, thrown)
  }
  if (stats.isDirectory()) throw unreadable(`"${path}" is a directory: name a video file in it`)
  if (!stats.isFile()) return
  if (stats.size === 0) throw unreadable(`The file "${path}" is empty (0 bytes)`)
  try {
    await (await open(path, 'r')).close()
  } catch (thrown) {
    throw explain(path, thrown)
  }
}

function explain(path: string, thrown: unknown): SnapmintError {
  const { code } = thrown as NodeJS.ErrnoException
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    const message = `The file "${path}" does not exist: check the path`
    return new SnapmintError('SNAPMINT_SOURCE_NOT_FOUND', message, { adapter: 'ffmpeg', retryable: false, cause: thrown })
  }
  const reason = code === 'EACCES' || code === 'EPERM' ? 'this user may not read it' : code
  return unreadable(`The file "${path}" cannot be opened: ${reason}`, thrown)
}

function unreadable(message: string, cause?: unknown): SnapmintError {
  return new SnapmintError('SNAPMINT_SOURCE_UNREADABLE', message, { adapter: 'ffmpeg', retryable: false, cause })
}
