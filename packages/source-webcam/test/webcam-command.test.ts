import { describe, expect, it } from 'vitest'
import { type WebcamCommand, webcamCommand } from '../src/webcam-command.js'
import { type ResolvedWebcamOptions, resolveWebcamOptions, type WebcamSourceOptions } from '../src/webcam-source-options.js'

function command(options: WebcamSourceOptions, location = '-'): WebcamCommand {
  const resolved = resolveWebcamOptions(options)
  return webcamCommand(resolved, resolved.device === undefined ? undefined : String(resolved.device), location)
}

describe('webcamCommand', () => {
  it('has node-webcam compose the call of fswebcam, without a banner and with its messages', () => {
    const { program, args } = command({ tool: 'fswebcam', width: 640, height: 480, quality: 75, skipFrames: 4, rotation: 90 })
    expect(program).toBe('fswebcam')
    expect(args.join(' ')).toBe('-r 640x480 --jpeg 75 -d /dev/video0 --rotate 90 --no-banner --skip 4 -')
  })

  it.each([
    ['horizontal', 'h'],
    ['vertical', 'v'],
    ['both', 'h,v'],
  ] as const)('mirrors %s before fswebcam writes the picture', (flip, direction) => {
    expect(command({ tool: 'fswebcam', flip }).args.slice(-3)).toEqual(['--flip', direction, '-'])
  })

  it('has it compose the call of imagesnap', () => {
    const { program, args } = command({ tool: 'imagesnap', device: "Dirk's camera", warmUpMs: 1500 }, '/tmp/a b/picture.jpg')
    expect([program, ...args]).toEqual(['imagesnap', '-w', '1.5', '-d', "Dirk's camera", '-v', '/tmp/a b/picture.jpg'])
    expect(command({ tool: 'imagesnap' }, 'x.jpg').args).toEqual(['-w', '1', '-v', 'x.jpg'])
  })

  it('has it compose the call of CommandCam, which lies in its own package', () => {
    const { program, args } = command({ tool: 'commandcam', device: 2, warmUpMs: 500 }, 'C:\\Temp dir\\picture.bmp')
    expect(program).toMatch(/node-webcam.*CommandCam\.exe$/)
    expect(args).toEqual(['/delay', '500', '/devnum', '2', '/filename', 'C:\\Temp dir\\picture.bmp'])
  })

  it('takes the program that is asked for, as it is', () => {
    expect(command({ tool: 'fswebcam', toolPath: '/opt/my tools/fswebcam; id' }).program).toBe('/opt/my tools/fswebcam; id')
  })

  it('keeps what slipped through every check in one argument', () => {
    const evil = '/dev/video0"; touch x; $(touch x) \'`touch x`\' --exec "touch x"\n'
    const resolved: ResolvedWebcamOptions = resolveWebcamOptions({ tool: 'fswebcam' })
    const clean = webcamCommand(resolved, '/dev/video0', '-').args
    expect(webcamCommand(resolved, evil, evil).args).toEqual(
      clean.map((word) => (word === '/dev/video0' || word === '-' ? evil : word)),
    )
  })
})
