import type { Stats } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { SnapmintError } from '@snapmint/core/adapter'

/**
 * Looks at a file before OpenCV does, which only ever says that it failed.
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

function explain(path: string, cause: unknown): SnapmintError {
  const { code } = cause as NodeJS.ErrnoException
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    const advice = /[/\\]\d\d?$/.test(path) ? 'a camera is named by a number: `device: 0`, not a string' : 'check the path'
    const message = `The file "${path}" does not exist: ${advice}`
    return new SnapmintError('SNAPMINT_SOURCE_NOT_FOUND', message, { adapter: 'opencv', retryable: false, cause })
  }
  const reason = code === 'EACCES' || code === 'EPERM' ? 'this user may not read it' : code
  return unreadable(`The file "${path}" cannot be opened: ${reason}`, cause)
}

function unreadable(message: string, cause?: unknown): SnapmintError {
  return new SnapmintError('SNAPMINT_SOURCE_UNREADABLE', message, { adapter: 'opencv', retryable: false, cause })
}
