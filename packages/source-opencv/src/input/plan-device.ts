import { isAbsolute, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { OpencvBackend, OpencvSourceOptions } from '../opencv-source-options.js'
import { deviceLabel } from './device-label.js'

/** What a device is, and how it is therefore treated. */
export interface DevicePlan {
  readonly kind: 'camera' | 'file' | 'stream'
  /** What OpenCV is told to open. */
  readonly target: number | string
  /** Where it lies in the file system, if it does. */
  readonly path?: string | undefined
  /** Of a stream: `rtsp`. */
  readonly scheme?: string | undefined
  readonly backend: OpencvBackend
  /** Dated when it comes in, and the newest picture matters most. Otherwise by the recording's own time line, played in real time. */
  readonly live: boolean
  /** As messages show it: without credentials. */
  readonly label: string
}

const schemes = ['rtsp', 'rtsps', 'http', 'https', 'rtmp', 'rtmps', 'srt', 'udp', 'rtp', 'tcp']
const recording = /\.(mp4|m4v|mov|mkv|webm|avi)$/i
const cameraPath = /^\/dev\/(video\d|v4l\/)/

/** What each platform opens cameras with. Left to itself, OpenCV takes GStreamer on Debian: eight seconds to open, and no mode can be set. */
export const cameraBackends: Readonly<Record<string, OpencvBackend>> = { darwin: 'avfoundation', win32: 'dshow' }

/**
 * Sorts the device.
 * @throws TypeError for a URL of a kind that is not supported, and for options that the device cannot heed.
 */
export function planDevice(options: OpencvSourceOptions, platform: NodeJS.Platform = process.platform): DevicePlan {
  const plan = { ...sortDevice(options, platform), label: deviceLabel(options.device) }
  const { width, fourcc, live } = options
  if (plan.kind !== 'camera' && (width ?? fourcc) !== undefined)
    throw new TypeError(
      `Expected no \`width\`, \`height\` and \`fourcc\` with ${plan.label}: they ask a camera for a mode, and a ${plan.kind} has its own`,
    )
  if (plan.kind === 'camera' && live === false)
    throw new TypeError('Expected `live: false` with a recording only: cameras are live')
  return plan
}

function sortDevice(options: OpencvSourceOptions, platform: NodeJS.Platform): Omit<DevicePlan, 'label'> {
  const { device, live, backend } = options
  const cameraBackend = backend ?? cameraBackends[platform] ?? 'v4l2'
  if (typeof device === 'number') {
    const path = platform === 'linux' ? `/dev/video${device}` : undefined
    return { kind: 'camera', target: device, path, backend: cameraBackend, live: true }
  }
  if (platform === 'linux' && cameraPath.test(device))
    return { kind: 'camera', target: device, path: device, backend: cameraBackend, live: true }
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(device)?.[1]?.toLowerCase()
  if (scheme === undefined || scheme === 'file') {
    // Absolute: nothing in front of it is taken for a protocol.
    const given = scheme === 'file' ? fileURLToPath(device) : device
    const path = isAbsolute(given) ? given : resolve(given)
    return { kind: 'file', target: path, path, backend: backend ?? 'ffmpeg', live: live ?? false }
  }
  if (!schemes.includes(scheme))
    throw new TypeError(
      `Expected \`device\` to be a camera's number, a path or a URL of ${schemes.join(', ')} or file, got ${deviceLabel(device)}`,
    )
  const isRecording = recording.test(device.split(/[?#]/)[0] ?? '')
  return { kind: 'stream', target: device, scheme, backend: backend ?? 'ffmpeg', live: live ?? !isRecording }
}
