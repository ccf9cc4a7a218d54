import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { listWebcams } from '../src/index.js'
import { writeStubTool } from './fixtures/stub-tool.js'
import { temporaryDirectory } from './fixtures/temporary-directory.js'

const directory = temporaryDirectory()

describe('listWebcams', () => {
  it('reads what Linux knows, in the order of the numbers', async () => {
    const sysDirectory = join(directory, 'video4linux')
    for (const [device, name] of [
      ['video10', 'USB Camera\n'],
      ['video2', 'HD Pro Webcam C920\n'],
      ['v4l-subdev0', 'no camera'],
    ] as const) {
      await mkdir(join(sysDirectory, device), { recursive: true })
      await writeFile(join(sysDirectory, device, 'name'), name)
    }
    await mkdir(join(sysDirectory, 'video3'))
    expect(await listWebcams({ tool: 'fswebcam', sysDirectory })).toEqual([
      { device: '/dev/video2', name: 'HD Pro Webcam C920' },
      { device: '/dev/video3', name: undefined },
      { device: '/dev/video10', name: 'USB Camera' },
    ])
  })

  it('finds none where the system has none', async () => {
    expect(await listWebcams({ tool: 'fswebcam', sysDirectory: join(directory, 'nosuch') })).toEqual([])
  })

  it.each([
    ['Video Devices:\n=> FaceTime HD Camera\n=> Dirk’s iPhone\n', ['FaceTime HD Camera', 'Dirk’s iPhone']],
    ['Video Devices:\n<AVCaptureDALDevice: 0x7f8 [FaceTime HD Camera][0x1420]>\n', ['FaceTime HD Camera']],
    ['No video devices found.\n', []],
  ])('understands the list of imagesnap: %o', async (list, names) => {
    const toolPath = await writeStubTool(
      join(directory, 'imagesnap'),
      `if (file === '-l') process.stdout.write(${JSON.stringify(list)})`,
    )
    expect(await listWebcams({ tool: 'imagesnap', toolPath })).toEqual(names.map((name) => ({ device: name, name })))
  })

  it.each([
    ['Available capture devices:\nHP HD Camera\nUSB Camera\n\n', ['HP HD Camera', 'USB Camera']],
    ['No video devices found\n', []],
  ])('understands the list of CommandCam: %o', async (list, names) => {
    const toolPath = await writeStubTool(
      join(directory, 'commandcam'),
      `if (file === '/devlist') fs.writeSync(2, ${JSON.stringify(list)})`,
    )
    expect(await listWebcams({ tool: 'commandcam', toolPath })).toEqual(names.map((name, index) => ({ device: index + 1, name })))
  })

  it('says how to get the tool that is missing', async () => {
    const listing = listWebcams({ tool: 'imagesnap', toolPath: join(directory, 'none') })
    await expect(listing).rejects.toMatchObject({
      code: 'SNAPMINT_MISSING_DEPENDENCY',
      message: expect.stringContaining('brew install imagesnap'),
    })
  })

  it('ends a tool that hangs', async () => {
    const toolPath = await writeStubTool(join(directory, 'hangs'), 'sleep(60000)')
    await expect(listWebcams({ tool: 'imagesnap', toolPath, timeoutMs: 200 })).rejects.toMatchObject({
      code: 'SNAPMINT_SOURCE_UNAVAILABLE',
    })
    const reason = new Error('enough')
    const controller = new AbortController()
    const listing = listWebcams({ tool: 'imagesnap', toolPath, signal: controller.signal })
    controller.abort(reason)
    await expect(listing).rejects.toBe(reason)
  })

  it('refuses a signal that is none, by name', async () => {
    await expect(listWebcams({ signal: 'x' } as never)).rejects.toThrow(
      new TypeError('Expected `signal` to be an AbortSignal, got `"x"` (string)'),
    )
  })

  it('refuses options that it does not know', async () => {
    await expect(listWebcams({ device: 1 } as never)).rejects.toThrow('Unknown option `device` for listWebcams')
  })
})
