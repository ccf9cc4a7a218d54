import { describe, expect, it } from 'vitest'
import { classifyShot } from '../src/classify-shot.js'
import type { ToolRun } from '../src/run-tool.js'

const facts = { tool: 'fswebcam', program: 'fswebcam', label: '"/dev/video0"', timeoutMs: 8000 } as const
const run = (changes: Partial<ToolRun>): ToolRun => ({
  ...{ cut: undefined, systemCode: undefined, code: 0, signal: null, stdout: new Uint8Array(), said: '' },
  ...changes,
})
/** As fswebcam prints errors: in red, between its other messages. */
const said = (...errors: string[]) =>
  [
    '\x1b[1m--- Opening /dev/video0...',
    '\x1b[0mTrying source module v4l2...',
    ...errors.map((text) => `\x1b[31m${text}`),
    '\x1b[0m',
  ].join('\n')

describe('classifyShot', () => {
  it.each([
    [['stat: No such file or directory'], 'SNAPMINT_SOURCE_NOT_FOUND', true],
    [['Error opening device: /dev/video0', 'open: No such file or directory'], 'SNAPMINT_SOURCE_NOT_FOUND', true],
    [['VIDIOC_DQBUF: No such device', 'No frames captured.'], 'SNAPMINT_SOURCE_NOT_FOUND', true],
    [['Error opening device: /dev/video0', 'open: Device or resource busy'], 'SNAPMINT_SOURCE_UNAVAILABLE', true],
    [
      ['Error requesting buffers for memory map.', 'VIDIOC_REQBUFS: Device or resource busy'],
      'SNAPMINT_SOURCE_UNAVAILABLE',
      true,
    ],
    [['Error opening device: /dev/video0', 'open: Permission denied'], 'SNAPMINT_SOURCE_UNREADABLE', false],
    [['/dev/null: Not a V4L2 device?'], 'SNAPMINT_SOURCE_UNREADABLE', false],
    [['Device does not support capturing.'], 'SNAPMINT_SOURCE_UNREADABLE', false],
    [['Unable to find a compatible palette format.'], 'SNAPMINT_SOURCE_UNREADABLE', false],
    [
      ['/etc/passwd: Unknown file format.', 'Unable to find a source module that can read /etc/passwd.'],
      'SNAPMINT_SOURCE_UNREADABLE',
      false,
    ],
    [['Timed out waiting for frame!', 'No frames captured.'], 'SNAPMINT_SOURCE_UNAVAILABLE', true],
    [['Error starting stream.', 'VIDIOC_STREAMON: No space left on device'], 'SNAPMINT_SOURCE_UNAVAILABLE', true],
    [['Out of memory.'], 'SNAPMINT_SOURCE_UNREADABLE', true],
  ] as const)("understands fswebcam's words: %o", (errors, code, retryable) => {
    const error = classifyShot(facts, run({ said: said(...errors) }), 'it is empty')
    expect(error).toMatchObject({ code, retryable, adapter: 'webcam' })
    expect(error.message).toContain('Camera "/dev/video0": fswebcam')
    expect(error.message).not.toContain('\x1b')
  })

  it('does not take a missing output file for a missing camera', () => {
    const error = classifyShot(
      facts,
      run({ said: said('Error opening file for output: /x', 'fopen: No such file or directory') }),
      'it is empty',
    )
    expect(error.code).not.toBe('SNAPMINT_SOURCE_NOT_FOUND')
  })

  it.each([
    ['imagesnap', { code: 11, said: 'Device "Kamera" not found.\n' }, 'SNAPMINT_SOURCE_NOT_FOUND'],
    ['imagesnap', { code: 2, said: 'No video devices found.\n' }, 'SNAPMINT_SOURCE_NOT_FOUND'],
    ['commandcam', { code: 1, said: 'Video capture device 3 not found\n\n' }, 'SNAPMINT_SOURCE_NOT_FOUND'],
    ['commandcam', { code: 1, said: 'Error: 2147943850\nCould not run filter graph\n' }, 'SNAPMINT_SOURCE_UNAVAILABLE'],
    ['commandcam', { code: 1, said: 'Could not get buffer size\n' }, 'SNAPMINT_SOURCE_UNAVAILABLE'],
  ] as const)('understands the words of %s: %o', (tool, changes, code) => {
    expect(classifyShot({ ...facts, tool }, run(changes), 'it is empty').code).toBe(code)
  })

  it.each([
    ['fswebcam', 'sudo apt install fswebcam'],
    ['imagesnap', 'brew install imagesnap'],
    ['commandcam', 'npm rebuild node-webcam'],
  ] as const)('says how to get %s when it is missing', (tool, remedy) => {
    const error = classifyShot(
      { ...facts, tool, program: tool },
      run({ cut: 'not-started', systemCode: 'ENOENT', code: null }),
      'it is empty',
    )
    expect(error).toMatchObject({ code: 'SNAPMINT_MISSING_DEPENDENCY', retryable: false })
    expect(error.message).toContain(remedy)
  })

  it('tries again when the machine could not start a program just now', () => {
    const error = classifyShot(facts, run({ cut: 'not-started', systemCode: 'EAGAIN', code: null }), 'it is empty')
    expect(error).toMatchObject({ code: 'SNAPMINT_SOURCE_FAILED', retryable: true })
  })

  it.each([
    [{ cut: 'timeout', signal: 'SIGKILL', code: null, said: said() }, 'SNAPMINT_SOURCE_UNAVAILABLE', 'within 8000 ms'],
    [{ cut: 'overflow', signal: 'SIGKILL', code: null }, 'SNAPMINT_SOURCE_FAILED', 'bytes'],
    [{ signal: 'SIGSEGV', code: null }, 'SNAPMINT_SOURCE_CRASHED', 'SIGSEGV'],
    [{ code: 3, said: 'boo\n' }, 'SNAPMINT_SOURCE_FAILED', 'exit code 3: boo'],
    [{}, 'SNAPMINT_SOURCE_UNREADABLE', 'it is a JPEG that breaks off'],
  ] as const)('tells what became of a tool that said nothing useful: %o', (changes, code, part) => {
    const error = classifyShot(facts, run(changes), 'it is a JPEG that breaks off')
    expect(error).toMatchObject({ code, retryable: true })
    expect(error.message).toContain(part)
  })
})
