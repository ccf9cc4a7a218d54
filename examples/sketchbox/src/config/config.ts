import { dirname, join, resolve } from 'node:path'
import { nearestName } from './near-miss.js'
import { readBucket, readContract, readDevice } from './setting-values.js'
import { createSettingsReader, type SettingsReader } from './settings-reader.js'

/** All settings of the sketchbox, checked, defaults filled in. */
export interface SketchboxConfig {
  /** A segment of every object's name. */
  readonly contract: string
  /** The bucket's name alone. */
  readonly bucket: string
  /** `mock`: test pictures. Otherwise what `opencvSource` opens. */
  readonly camera: 'mock' | { readonly device: number | string; readonly fourcc: string | undefined }
  readonly size: { readonly width: number; readonly height: number } | undefined
  readonly captureMs: number
  readonly quality: number | undefined
  /** Undefined: no checkpoints. */
  readonly checkpointMs: number | undefined
  /** Absolute. */
  readonly checkpointDirectory: string
  /** Absolute: matched pictures wait here until they are delivered. */
  readonly holdsDirectory: string
  readonly sweepMs: number
  /** Pictures kept in memory. */
  readonly bufferSize: number
  readonly history: { readonly durationMs: number; readonly maxBytes: number }
  readonly match: 'closest' | 'after'
  readonly collection: string
  readonly leaseField: string | undefined
  /** Undefined: that of the credentials. */
  readonly projectId: string | undefined
}

export interface ReadConfig {
  readonly config: SketchboxConfig
  /** What is no mistake, and yet may not be what was meant. */
  readonly warnings: readonly string[]
}

/** The variables of the original, then those that are new. */
const original = [
  'CONTRACT_ADDRESS',
  'STORAGE_URL',
  'CAMERA_INDEX',
  'CAPTURE_WIDTH',
  'CAPTURE_HEIGHT',
  'CAPTURE_FREQUENCY',
  'CHECKPOINT_FREQUENCY',
  'BATCH_FREQUENCY',
  'BUFFER_SIZE',
  'IS_MOCK',
] as const
const added = [
  'CAPTURE_FOURCC',
  'CAPTURE_QUALITY',
  'CHECKPOINT_DIRECTORY',
  'FRAME_MATCH',
  'HOLDS_DIRECTORY',
  'JOBS_COLLECTION',
  'LEASE_FIELD',
  'GOOGLE_CLOUD_PROJECT',
] as const
const known: readonly string[] = [...original, ...added]

const advice =
  'They are read from the environment and from .env in this folder. To try it without an account: npm run example:sketchbox -- --emulators'
const daySeconds = 86_400
/** A JPEG rarely takes more than half a byte for each pixel; an unknown camera is taken to give 1080p. */
const pictureBytes = ({ width, height } = { width: 1920, height: 1080 }) => Math.ceil((width * height) / 2)
const mebibyte = 2 ** 20

/**
 * Reads the settings.
 *
 * @param directory what relative paths refer to: where the user is.
 * @throws UserError that names every variable that is wrong, with what it says and what is expected.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>, directory: string): ReadConfig {
  const settings = createSettingsReader(env)
  const isMock = settings.flag('IS_MOCK') ?? false
  const contract = readContract(settings)
  const bucket = readBucket(settings)
  const device = isMock ? undefined : readDevice(settings, directory)
  const size = readSize(settings, isMock)
  const captureMs = (settings.number('CAPTURE_FREQUENCY', { min: 0.01, max: 3600, unit: 'seconds' }) ?? 1) * 1000
  const checkpointMs = (settings.number('CHECKPOINT_FREQUENCY', { min: 0, max: daySeconds, unit: 'seconds' }) ?? 60) * 1000
  const sweepMs = (settings.number('BATCH_FREQUENCY', { min: 1, max: daySeconds, unit: 'seconds' }) ?? 60) * 1000
  const bufferSize = settings.number('BUFFER_SIZE', { min: 1, max: 100_000, integer: true }) ?? 150
  const checkpointDirectory = resolve(directory, settings.given('CHECKPOINT_DIRECTORY') ?? 'checkpoints')
  const holdsDirectory = settings.given('HOLDS_DIRECTORY')
  const config: SketchboxConfig = {
    contract: contract ?? '',
    bucket: bucket ?? '',
    camera: isMock ? 'mock' : { device: device ?? 0, fourcc: readFourcc(settings) },
    size,
    captureMs,
    quality: settings.number('CAPTURE_QUALITY', { min: 1, max: 100, integer: true }),
    checkpointMs: checkpointMs === 0 ? undefined : checkpointMs,
    checkpointDirectory,
    holdsDirectory:
      holdsDirectory === undefined ? join(dirname(checkpointDirectory), 'holds') : resolve(directory, holdsDirectory),
    sweepMs,
    bufferSize,
    history: { durationMs: bufferSize * captureMs, maxBytes: historyBytes(bufferSize, size) },
    match: settings.text('FRAME_MATCH', '"closest" or "after"', oneOf('closest', 'after')) ?? 'closest',
    collection: settings.text('JOBS_COLLECTION', 'the path of a collection, such as jobs', collectionPath) ?? 'jobs',
    leaseField: settings.text('LEASE_FIELD', 'the name of a field, such as lease', fieldName),
    projectId: settings.given('GOOGLE_CLOUD_PROJECT'),
  }
  settings.expectNoProblems(advice)
  return { config, warnings: [...findNearMisses(env), ...findDoubts(config, settings)] }
}

function historyBytes(bufferSize: number, size: SketchboxConfig['size']): number {
  return Math.min(8192 * mebibyte, Math.max(64 * mebibyte, bufferSize * pictureBytes(size)))
}

function readSize(settings: SettingsReader, isMock: boolean): SketchboxConfig['size'] {
  const width = settings.number('CAPTURE_WIDTH', {
    min: isMock ? 160 : 1,
    max: isMock ? 3840 : 65_535,
    integer: true,
    unit: 'pixels',
  })
  const height = settings.number('CAPTURE_HEIGHT', {
    min: isMock ? 120 : 1,
    max: isMock ? 3840 : 65_535,
    integer: true,
    unit: 'pixels',
  })
  const isGiven = (name: string) => settings.given(name) !== undefined
  for (const [name, other] of [
    ['CAPTURE_WIDTH', 'CAPTURE_HEIGHT'],
    ['CAPTURE_HEIGHT', 'CAPTURE_WIDTH'],
  ] as const)
    if (!isGiven(name) && isGiven(other)) settings.refuse(name, `a number of pixels, as ${other} is set: both or neither`)
  if (width === undefined || height === undefined) return undefined
  if (isMock && width * height > 3840 * 2160)
    return settings.refuse('CAPTURE_WIDTH', `with CAPTURE_HEIGHT ${height} at most 3840 × 2160 pixels in all`)
  return { width, height }
}

const readFourcc = (settings: SettingsReader) =>
  settings.text('CAPTURE_FOURCC', 'four characters such as MJPG', (text) => (/^[\x21-\x7e]{4}$/.test(text) ? text : undefined))

const oneOf =
  <const T extends string>(...allowed: readonly T[]) =>
  (value: string): T | undefined =>
    allowed.find((candidate) => candidate === value.toLowerCase())

/** Collections have an odd number of segments. */
const collectionPath = (path: string) =>
  path.split('/').length % 2 === 1 && path.split('/').every((segment) => /^(?!\.\.?$|__.*__$)[^\s]+$/.test(segment))
    ? path
    : undefined

const fieldName = (name: string) =>
  /^[A-Za-z_][\w.]*$/.test(name) && name !== 'mediaTimestamp' && name !== 'dateCreated' ? name : undefined

/** Names that nobody reads: misspelt, or of a setting that there is not. */
function findNearMisses(env: Readonly<Record<string, string | undefined>>): string[] {
  return Object.keys(env)
    .filter((name) => !known.includes(name))
    .map((name) => ({ name, meant: nearestName(name, known) }))
    .filter(({ name, meant }) => meant !== undefined || /^CAPTURE_/i.test(name))
    .map(({ name, meant }) => `${name} is not known and has no effect${meant === undefined ? '' : `: did you mean ${meant}?`}`)
}

function findDoubts({ contract, camera, captureMs, sweepMs }: SketchboxConfig, settings: SettingsReader): string[] {
  const doubts: string[] = []
  if (/^0x/i.test(contract) && !/^0x[0-9a-f]{40}$/i.test(contract))
    doubts.push(`CONTRACT_ADDRESS ${contract} begins like an address of Ethereum, but has not 40 hexadecimal digits`)
  if (sweepMs < 30_000)
    doubts.push(
      `BATCH_FREQUENCY ${sweepMs / 1000} costs ${Math.ceil(daySeconds / (sweepMs / 1000)).toLocaleString('en')} queries a day, and a listener tells of new jobs at once: leave it out for one a minute`,
    )
  if (captureMs < 1000 && settings.given('FRAME_MATCH') === undefined)
    doubts.push(
      `CAPTURE_FREQUENCY ${captureMs / 1000} gives several pictures a second, and objects are named by the second: the later of two replaces the earlier. FRAME_MATCH=after has one picture for each name`,
    )
  const isCamera = camera !== 'mock' && (typeof camera.device === 'number' || camera.device.startsWith('/dev/'))
  const unheeded = ['CAPTURE_WIDTH', 'CAPTURE_HEIGHT', 'CAPTURE_FOURCC'].filter((name) => settings.given(name) !== undefined)
  if (camera !== 'mock' && !isCamera && unheeded.length > 0)
    doubts.push(`${unheeded.join(', ')} have no effect: a recording or a stream has its own size`)
  return doubts
}
