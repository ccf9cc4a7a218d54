import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import jpeg from '@julusian/jpeg-turbo'
import { describe, expect, it, onTestFinished } from 'vitest'
import { filesBelow, readDelivered, temporaryFolder } from './fixtures/data-folder.js'
import { runQuickstart, startQuickstart } from './fixtures/run-quickstart.js'

/** An X server with a white screen; ends with the test. */
async function useWhiteScreen(): Promise<string> {
  const child = spawn('Xvfb', ['-displayfd', '3', '-nolisten', 'tcp', '-noreset', '-wr', '-screen', '0', '400x300x24'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return `:${await firstLine(child)}`
}

function firstLine(child: ChildProcess): Promise<number> {
  let text = ''
  return new Promise((resolve, reject) => {
    child.on('error', (error) => reject(new Error(`Xvfb does not start (\`npm run setup\` installs it): ${error.message}`)))
    child.on('exit', (code) => reject(new Error(`Xvfb ended with ${code}`)))
    ;(child.stdio[3] as NodeJS.ReadableStream).setEncoding('utf8').on('data', (part) => {
      text += String(part)
      if (text.endsWith('\n')) resolve(Number(text))
    })
  })
}

describe('the screen', { timeout: 90_000 }, () => {
  it('is captured, and its pictures are delivered', async () => {
    const directory = await temporaryFolder()
    const env = { DISPLAY: await useWhiteScreen(), WAYLAND_DISPLAY: undefined, XDG_SESSION_TYPE: 'x11' }
    const { code, stdout, stderr } = await runQuickstart(directory, ['--screen', '--for', '13s'], env)
    expect(stderr).toBe('')
    expect(stdout).toContain('the primary display of this computer')
    expect(code).toBe(0)
    const delivered = await readDelivered(join(directory, 'snapmint-data'))
    expect(delivered).toHaveLength(3)
    for (const { picture } of delivered) {
      const { width, height, data } = jpeg.decompressSync(picture, { format: jpeg.FORMAT_GRAY })
      expect([width, height]).toEqual([400, 300])
      expect(data.subarray(0, 400 * 300).every((grey) => grey > 250)).toBe(true)
    }
  })

  it('that is not there is told in one line that says what to set', async () => {
    const env = { DISPLAY: undefined, WAYLAND_DISPLAY: undefined, XDG_SESSION_TYPE: undefined }
    const { code, stderr } = await runQuickstart(await temporaryFolder(), ['--screen'], env)
    expect(stderr).toMatch(/^There is no screen to capture: the environment variable DISPLAY is not set\. Set it to .*\n$/)
    expect(stderr).not.toMatch(/\n\s+at /)
    expect(code).toBe(1)
  })

  it('whose server does not run is waited for, which is told', async () => {
    const directory = await temporaryFolder()
    const quickstart = startQuickstart(directory, ['--screen'], {
      DISPLAY: ':4711',
      WAYLAND_DISPLAY: undefined,
      XDG_SESSION_TYPE: 'x11',
    })
    await quickstart.said('The camera is tried again: The X server :4711.0 cannot be reached')
    quickstart.send('SIGINT')
    const { code } = await quickstart.ended
    expect(code).toBe(0)
    expect((await filesBelow(directory)).filter((file) => file.endsWith('.jpg'))).toEqual([])
  })
})
