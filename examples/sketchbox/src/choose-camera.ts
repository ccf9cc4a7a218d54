import type { FrameSource } from '@snapmint/core'
import { opencvSource } from '@snapmint/source-opencv'
import { sketchSource } from '@snapmint/source-sketch'
import type { SketchboxConfig } from './config/config.js'

/** The camera, or test pictures of the same size and pace. */
export function chooseCamera({ camera, size, captureMs, quality }: SketchboxConfig): FrameSource {
  if (camera === 'mock') return sketchSource({ ...size, frameRate: 1000 / captureMs, quality })
  const { device, fourcc } = camera
  const isCamera = typeof device === 'number' || device.startsWith('/dev/')
  return opencvSource({ device, intervalMs: captureMs, quality, ...(isCamera ? { ...size, fourcc } : {}) })
}

/** What it is, for people; without credentials. */
export function cameraTitle({ camera, size, captureMs }: SketchboxConfig): string {
  const pace = `a picture every ${captureMs / 1000} s`
  const pixels = size === undefined ? '' : ` of ${size.width} × ${size.height}`
  if (camera === 'mock') return `no camera, test pictures${pixels}, ${pace}`
  const { device } = camera
  const [, scheme, host] = /^([a-z]+:\/\/)(?:[^/]*@)?([^/?#@]*)/i.exec(String(device)) ?? []
  return `${typeof device === 'number' ? `number ${device}` : scheme === undefined ? device : `${scheme}${host}`}${pixels}, ${pace}`
}
