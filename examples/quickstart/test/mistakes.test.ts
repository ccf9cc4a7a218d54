import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from './fixtures/data-folder.js'
import { runQuickstart } from './fixtures/run-quickstart.js'

/** One line that says what is wrong, exit code 1, no stack. @returns what it said before. */
async function expectOneLine(directory: string, args: readonly string[], line: RegExp): Promise<string> {
  const { code, stdout, stderr } = await runQuickstart(directory, args)
  expect(stderr).toMatch(line)
  expect(stderr.trimEnd().split('\n')).toHaveLength(1)
  expect(stderr).not.toMatch(/\n\s+at /)
  expect(code).toBe(1)
  return stdout
}

describe('mistakes', { timeout: 60_000 }, () => {
  it.each([
    [['--frames', '3'], /^Unknown option --frames; see npm start -- --help$/m],
    [['-x'], /^Unknown option -x;/],
    [['video.mp4'], /^Unexpected argument "video\.mp4";/],
    [['--for'], /^--for needs a value;/],
    [['--for', 'soon'], /^--for needs a duration such as 500ms, 20s or 2m, got "soon"$/m],
    [['--for', '0s'], /^--for needs a duration/],
    [['--input', 'nowhere.mp4'], /The file ".*nowhere\.mp4" does not exist/],
    [['--input', '.'], /^".*" is a directory: name a video file in it$/m],
    [['--input', 'ftp://host/video.mp4'], /Expected `input` to be a path, a device or a URL of .*, got "ftp:/],
  ])('%j is told in one line, before anything starts', async (args, line) => {
    const directory = await temporaryFolder()
    expect(await expectOneLine(directory, args, line)).toBe('')
    expect(await readdir(directory)).toEqual([])
  })

  it('an unreadable video is told in one line', async () => {
    const directory = await temporaryFolder()
    await writeFile(join(directory, 'broken.mp4'), 'this is no video'.repeat(1_000))
    await expectOneLine(directory, ['--input', 'broken.mp4'], /broken\.mp4".*/)
  })

  it('a file in the place of the data folder is told in one line', async () => {
    const directory = await temporaryFolder()
    await writeFile(join(directory, 'taken'), '')
    await expectOneLine(
      directory,
      ['--data', 'taken'],
      /^Cannot write to the folder .*taken.*: a file is in its place\. Choose another/,
    )
  })

  // Elsewhere there is no such folder.
  if (process.platform === 'linux')
    it('a folder where none can be created is told in one line', async () => {
      await expectOneLine(
        await temporaryFolder(),
        ['--data', '/proc/snapmint'],
        /^Cannot write to the folder .*: no folder can be created there/,
      )
    })

  it('a folder without permission is told in one line', async () => {
    const directory = await temporaryFolder()
    const locked = process.getuid?.() === 0 ? '/sys/snapmint' : join(directory, 'locked')
    if (!locked.startsWith('/sys')) {
      await mkdir(locked)
      await chmod(locked, 0o500)
    }
    await expectOneLine(
      directory,
      ['--data', locked],
      /^Cannot write to the folder .*: (permission denied|the file system is read-only)\./,
    )
  })
})
