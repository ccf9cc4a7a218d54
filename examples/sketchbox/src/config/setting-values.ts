import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { SettingsReader } from './settings-reader.js'

/** The contract's address, as it is: upper and lower case are part of the object's name. */
export function readContract(settings: SettingsReader): string | undefined {
  const expected = "the contract's address, such as 0x52908400098527886E0F7030069857D2E4169EE7: letters, digits, - and _"
  if (settings.given('CONTRACT_ADDRESS') === undefined) return settings.refuse('CONTRACT_ADDRESS', expected)
  return settings.text('CONTRACT_ADDRESS', expected, (text) => (/^[A-Za-z0-9_-]{1,128}$/.test(text) ? text : undefined))
}

/** The ways in which Google's own pages name a bucket. */
const bucketForms = [
  /^(?:gs:\/\/)?([^/:]+)\/?$/,
  /^https:\/\/(?:storage\.googleapis\.com|storage\.cloud\.google\.com)\/([^/?]+)\/?$/,
  /^https:\/\/firebasestorage\.googleapis\.com\/v0\/b\/([^/?]+)(?:\/o)?\/?$/,
]

export function readBucket(settings: SettingsReader): string | undefined {
  const expected = 'the name of a bucket, such as my-project.appspot.com or gs://my-project.appspot.com, without a folder'
  const name = settings.text('STORAGE_URL', expected, (text) => {
    const found = bucketForms.map((form) => form.exec(text)?.[1]).find((match) => match !== undefined)
    return found !== undefined && /^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/.test(found) ? found : undefined
  })
  return settings.given('STORAGE_URL') === undefined ? settings.refuse('STORAGE_URL', expected) : name
}

const schemes = /^(rtsps?|https?|rtmps?|srt|udp|rtp|tcp|file):\/\//i

/** What to open: a camera's number as ever, or whatever else `opencvSource` takes. */
export function readDevice(settings: SettingsReader, directory: string): number | string | undefined {
  const expected =
    "a camera's number from 0 to 99, its path such as /dev/video0, a video file that exists, or a URL of rtsp, http, rtmp, srt, udp, rtp, tcp or file"
  return settings.text('CAMERA_INDEX', expected, (text) => {
    if (/^[+-]?[\d.]+$/.test(text)) return /^\d{1,2}$/.test(text) ? Number(text) : undefined
    if (schemes.test(text)) return text
    const path = resolve(directory, text)
    // A camera that is missing may be plugged in later.
    return !text.includes('\0') && (path.startsWith('/dev/') || existsSync(path)) ? path : undefined
  })
}
