import type { EventEmitter } from 'node:events'
import type { Agent } from 'node:http'
import { SnapmintError } from '@snapmint/core/adapter'

type Answer<T> = (error: unknown, data?: T) => void

/** What is used of the library's `Cam`. */
export interface OnvifCamera extends EventEmitter {
  getSystemDateAndTime(answer: Answer<Date>): void
  getServices(includeCapability: boolean, answer: Answer<unknown>): void
  getCapabilities(answer: Answer<unknown>): void
  getProfiles(answer: Answer<unknown>): void
  getStreamUri(options: { readonly protocol: string; readonly profileToken: string }, answer: Answer<unknown>): void
  media2Support?: boolean | undefined
}

interface OnvifCameraOptions {
  readonly hostname: string
  readonly port: number
  readonly path: string
  readonly username?: string | undefined
  readonly password?: string | undefined
  readonly timeout: number
  readonly useSecure: boolean
  readonly secureOpts: object
  readonly agent: Agent
  readonly autoconnect: false
}

/** The part of `onvif` 0.8 that is used here. */
export interface OnvifLibrary {
  readonly Cam: new (options: OnvifCameraOptions) => OnvifCamera
  /** Reads SOAP of any name spaces: `callback(error, body)`, sometimes twice. */
  parseSOAPString(xml: string, callback: (error: unknown, body: unknown) => void): void
  /** Makes what was read plain: no arrays of one, numbers and booleans as such. */
  linerase(body: unknown): unknown
}

/** @throws `SNAPMINT_MISSING_DEPENDENCY` */
export async function loadOnvif(): Promise<OnvifLibrary> {
  try {
    const [{ default: library }, { default: utilities }] = await Promise.all([
      import('onvif'),
      import('onvif/lib/utils.js' as string),
    ])
    const { parseSOAPString, linerase } = utilities as OnvifLibrary
    return { Cam: library.Cam as unknown as OnvifLibrary['Cam'], parseSOAPString, linerase }
  } catch (cause) {
    const message = 'ONVIF needs the npm package onvif 0.8, which cannot be loaded: npm install onvif@0.8'
    throw new SnapmintError('SNAPMINT_MISSING_DEPENDENCY', message, { adapter: 'onvif', retryable: false, cause })
  }
}
