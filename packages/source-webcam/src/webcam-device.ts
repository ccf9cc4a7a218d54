import { expectNumber, expectString } from '@snapmint/core/adapter'
import type { WebcamTool } from './webcam-command.js'

/** Letters of any script, digits and what names of devices and files are made of: nothing that a tool might read in another way. */
const devicePath = /^\/dev\/[\p{L}\p{N}_.:+@,=/-]+$/u
const filePath = /^file:\/[\p{L}\p{M}\p{N} _.+@,=~/-]+$/u
const cameraName = /^[\p{L}\p{N}][\p{L}\p{M}\p{N} _.,:+&@#()®™'’/-]*$/u
/** CommandCam and V4L2 count devices; nobody has more. */
const mostDevices = 255
const longestDevice = 1000

/**
 * Checks what a camera is called, tool by tool; undefined stands for the system's own camera.
 * @throws TypeError, RangeError
 */
export function resolveDevice(tool: WebcamTool, device: unknown): string | number | undefined {
  if (device === undefined) return tool === 'fswebcam' ? '/dev/video0' : undefined
  if (tool === 'commandcam') {
    expectNumber('device', device, { min: 1, max: mostDevices, integer: true })
    return device
  }
  if (tool === 'fswebcam' && typeof device === 'number') {
    expectNumber('device', device, { min: 0, max: mostDevices, integer: true })
    return `/dev/video${device}`
  }
  expectString('device', device)
  if (tool === 'imagesnap') return expectMatch(device, [cameraName], "a camera's name")
  return /^TEST$/i.test(device)
    ? 'TEST'
    : expectMatch(device, [devicePath, filePath], 'a path in /dev, TEST, or file: and an absolute path')
}

function expectMatch(device: string, patterns: readonly RegExp[], what: string): string {
  if (device.length <= longestDevice && patterns.some((pattern) => pattern.test(device))) return device
  throw new TypeError(
    `Expected \`device\` to be ${what}, without special characters, got \`${JSON.stringify(device.slice(0, 100))}\``,
  )
}
