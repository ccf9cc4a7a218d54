import { cameraBackends, type DevicePlan } from '../input/plan-device.js'
import { backendCodes } from './native-module.js'

/**
 * A read of a live device holds one of libuv's threads until a picture comes, for as long as the device is silent. Four is Node's own number: with a few silent
 * devices in one process nothing else would get a turn.
 */
const threadPoolSize = 16

/**
 * Environment variables for the process that loads OpenCV; they are read when it is loaded.
 */
export function nativeEnvironment(plan: Pick<DevicePlan, 'backend'>, timeoutMs: number): Record<string, string> {
  const usual = [cameraBackends[process.platform] ?? 'v4l2', 'ffmpeg'] as const
  return {
    // With it, Node 20 and 22 abort in the garbage collector (UrielCh/opencv4nodejs#134, #148). Without it, every picture has to be released by hand.
    OPENCV4NODEJS_DISABLE_EXTERNAL_MEM_TRACKING: '1',
    OPENCV_LOG_LEVEL: 'SILENT',
    OPENCV_FFMPEG_LOGLEVEL: '-8',
    // What is not in the list is never asked: GStreamer stays out.
    OPENCV_VIDEOIO_PRIORITY_LIST: [...new Set([plan.backend, ...usual])].map((backend) => backendCodes[backend].name).join(','),
    OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT: String(Math.max(1, Math.ceil(timeoutMs / 1000))),
    UV_THREADPOOL_SIZE: String(threadPoolSize),
  }
}

/** Protocols that a recording or a stream may open. A playlist from the network must not read local files, and a local one not the network. */
const protocols = {
  file: 'file,crypto,data',
  http: 'http,https,tcp,tls,httpproxy,crypto,data',
  other: 'rtsp,rtsps,rtp,srtp,rtmp,rtmps,rtmpt,srt,udp,tcp,tls,http,httpproxy,crypto,data',
}

/**
 * OpenCV's `OPENCV_FFMPEG_CAPTURE_OPTIONS`, read whenever a device is opened. Without a timeout a silent server holds the opening thread for 30 s.
 * @param libavformat major version; 59 came with FFmpeg 5. Before it, RTSP's `timeout` meant to wait for a client.
 */
export function ffmpegCaptureOptions(plan: DevicePlan, timeoutMs: number, transport: 'tcp' | 'udp', libavformat: number): string {
  const timeoutUs = String(Math.round(timeoutMs * 1000))
  const rtsp = plan.scheme === 'rtsp' || plan.scheme === 'rtsps'
  const http = plan.scheme === 'http' || plan.scheme === 'https'
  const options: Record<string, string> = {
    protocol_whitelist: plan.kind === 'file' ? protocols.file : http ? protocols.http : protocols.other,
  }
  if (plan.kind === 'stream') options.rw_timeout = timeoutUs
  if (rtsp) {
    options.rtsp_transport = transport
    options[libavformat < 59 ? 'stimeout' : 'timeout'] = timeoutUs
  }
  if (plan.kind === 'stream' && plan.live) options.fflags = 'nobuffer'
  return Object.entries(options)
    .map(([name, value]) => `${name};${value}`)
    .join('|')
}

/** Major version of the libavformat that OpenCV was built with, from its own description. */
export function libavformatVersion(buildInformation: string): number {
  return Number(/avformat:\s+YES \((\d+)\./.exec(buildInformation)?.[1] ?? 59)
}
