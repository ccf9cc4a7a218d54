/** One of the streams that a camera is set up for. */
export interface CameraProfile {
  /** What the camera calls it in requests. */
  readonly token: string
  /** What people call it: `mainStream`. */
  readonly name: string
  /** As ONVIF names it: `H264`, `H265`, `JPEG`, `MPV4-ES`. */
  readonly codec: string | undefined
  readonly width: number | undefined
  readonly height: number | undefined
  /** Frames a second, at most. */
  readonly frameRate: number | undefined
  /** Where it is played from, as the camera gives it, without user and password. Undefined when the camera gives none. */
  readonly uri: string | undefined
}

/** Reads the camera's list of profiles, as onvif hands it over; entries that are none are left out. Those without video are, too. */
export function readProfiles(answer: unknown): Omit<CameraProfile, 'uri'>[] {
  return (Array.isArray(answer) ? answer : []).flatMap((item: unknown) => {
    const profile = record(item)
    const token = text(record(profile.$).token)
    if (token === undefined || profile.videoEncoderConfiguration === undefined) return []
    const encoder = record(profile.videoEncoderConfiguration)
    const resolution = record(encoder.resolution)
    return {
      token,
      name: text(profile.name) ?? token,
      codec: text(encoder.encoding),
      width: positive(resolution.width),
      height: positive(resolution.height),
      frameRate: positive(record(encoder.rateControl).frameRateLimit),
    }
  })
}

/** What is there to be read of anything. */
export function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

/** The library takes digits for numbers, and text with attributes comes as `_`. */
export function text(value: unknown): string | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return value.trim() === '' ? undefined : value.trim()
  return typeof value === 'object' && value !== null && '_' in value ? text(value._) : undefined
}

function positive(value: unknown): number | undefined {
  return typeof value === 'number' && value > 0 ? value : undefined
}
