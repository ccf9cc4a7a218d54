import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { readConfig } from '../src/config/config.js'

const contract = '0x52908400098527886E0F7030069857D2E4169EE7'
const needed = { CONTRACT_ADDRESS: contract, STORAGE_URL: 'my-project.appspot.com' }
const read = (env: Record<string, string>) => readConfig({ ...needed, ...env }, '/home/artist')

describe('readConfig', () => {
  it('fills in what the original did without being told', () => {
    expect(read({})).toEqual({
      config: {
        contract,
        bucket: 'my-project.appspot.com',
        camera: { device: 0, fourcc: undefined },
        size: undefined,
        captureMs: 1_000,
        quality: undefined,
        checkpointMs: 60_000,
        checkpointDirectory: '/home/artist/checkpoints',
        holdsDirectory: '/home/artist/holds',
        sweepMs: 60_000,
        bufferSize: 150,
        history: { durationMs: 150_000, maxBytes: 155_520_000 },
        match: 'closest',
        collection: 'jobs',
        leaseField: undefined,
        projectId: undefined,
      },
      warnings: [],
    })
  })

  it('reads every variable', () => {
    const { config, warnings } = read({
      CAMERA_INDEX: ' 2 ',
      CAPTURE_WIDTH: '3840',
      CAPTURE_HEIGHT: '2160',
      CAPTURE_FREQUENCY: '0.5',
      CAPTURE_FOURCC: 'MJPG',
      CAPTURE_QUALITY: '85',
      CHECKPOINT_FREQUENCY: '0',
      CHECKPOINT_DIRECTORY: '/data/checkpoints',
      BATCH_FREQUENCY: '120',
      BUFFER_SIZE: '300',
      FRAME_MATCH: 'after',
      JOBS_COLLECTION: 'art/easel/jobs',
      LEASE_FIELD: 'lease',
      GOOGLE_CLOUD_PROJECT: 'my-project',
    })
    expect(warnings).toEqual([])
    expect(config).toEqual({
      contract,
      bucket: 'my-project.appspot.com',
      camera: { device: 2, fourcc: 'MJPG' },
      size: { width: 3840, height: 2160 },
      captureMs: 500,
      quality: 85,
      checkpointMs: undefined,
      checkpointDirectory: '/data/checkpoints',
      holdsDirectory: '/data/holds',
      sweepMs: 120_000,
      bufferSize: 300,
      history: { durationMs: 150_000, maxBytes: 300 * 3840 * 2160 * 0.5 },
      match: 'after',
      collection: 'art/easel/jobs',
      leaseField: 'lease',
      projectId: 'my-project',
    })
  })

  it.each([
    ['my-project.appspot.com', 'my-project.appspot.com'],
    ['gs://my-project.appspot.com', 'my-project.appspot.com'],
    ['gs://my-project.firebasestorage.app/', 'my-project.firebasestorage.app'],
    ['https://storage.googleapis.com/pictures', 'pictures'],
    ['https://firebasestorage.googleapis.com/v0/b/my-project.appspot.com/o', 'my-project.appspot.com'],
  ])('takes %s as STORAGE_URL', (STORAGE_URL, bucket) => {
    expect(read({ STORAGE_URL }).config.bucket).toBe(bucket)
  })

  it.each([
    ['True', true],
    ['1', true],
    ['yes', true],
    ['False', false],
    ['0', false],
    ['', false],
  ])('takes IS_MOCK=%s as Python programs write it', (IS_MOCK, isMock) => {
    expect(read({ IS_MOCK }).config.camera === 'mock').toBe(isMock)
  })

  it('takes paths, URLs and files as CAMERA_INDEX', () => {
    const folder = mkdtempSync(join(tmpdir(), 'snapmint-sketchbox-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    writeFileSync(join(folder, 'talk.mp4'), '')
    const deviceOf = (CAMERA_INDEX: string) => {
      const { camera } = readConfig({ ...needed, CAMERA_INDEX }, folder).config
      return camera === 'mock' ? undefined : camera.device
    }
    expect(deviceOf('/dev/video7')).toBe('/dev/video7')
    expect(deviceOf('rtsp://user:secret@easel.local/stream')).toBe('rtsp://user:secret@easel.local/stream')
    expect(deviceOf('talk.mp4')).toBe(join(folder, 'talk.mp4'))
    expect(() => deviceOf('lost.mp4')).toThrow('CAMERA_INDEX is "lost.mp4": expected a camera\'s number from 0 to 99')
  })

  it('tells all mistakes at once, each with its variable, what it says and what is expected', () => {
    const attempt = () =>
      readConfig(
        {
          CONTRACT_ADDRESS: '../escape',
          CAMERA_INDEX: '-1',
          CAPTURE_WIDTH: 'wide',
          CAPTURE_FREQUENCY: '0x10',
          CHECKPOINT_FREQUENCY: '-5',
          BATCH_FREQUENCY: '0.5',
          BUFFER_SIZE: '1e9',
          IS_MOCK: 'perhaps',
          FRAME_MATCH: 'nearest',
          JOBS_COLLECTION: 'art/easel',
          LEASE_FIELD: 'mediaTimestamp',
        },
        '/',
      )
    expect(attempt).toThrow(/^13 settings are wrong:\n/)
    for (const line of [
      /^ {2}CONTRACT_ADDRESS is "\.\.\/escape": expected the contract's address, such as 0x/m,
      /^ {2}STORAGE_URL is not set: expected the name of a bucket/m,
      /^ {2}CAMERA_INDEX is "-1": expected a camera's number/m,
      /^ {2}CAPTURE_WIDTH is "wide": expected a whole number of pixels from 1 to 65535$/m,
      /^ {2}CAPTURE_HEIGHT is not set: .*as CAPTURE_WIDTH is set/m,
      /^ {2}CAPTURE_FREQUENCY is "0x10": expected a number of seconds from 0\.01 to 3600$/m,
      /^ {2}CHECKPOINT_FREQUENCY is "-5": expected a number of seconds from 0 to 86400$/m,
      /^ {2}BATCH_FREQUENCY is "0\.5": expected a number of seconds from 1 to 86400$/m,
      /^ {2}BUFFER_SIZE is "1e9": expected a whole number from 1 to 100000$/m,
      /^ {2}IS_MOCK is "perhaps": expected True or False$/m,
      /^ {2}FRAME_MATCH is "nearest": expected "closest" or "after"$/m,
      /^ {2}LEASE_FIELD is "mediaTimestamp": expected the name of a field/m,
      /^ {2}JOBS_COLLECTION is "art\/easel": expected the path of a collection/m,
    ])
      expect(attempt).toThrow(line)
  })

  it('shows no credentials of a URL that it refuses', () => {
    const attempt = () => read({ STORAGE_URL: 'https://user:secret@evil.example/bucket?token=hidden' })
    expect(attempt).toThrow('STORAGE_URL is "https://***@evil.example/bucket?…": expected')
  })

  it('warns of variables that nobody reads', () => {
    const { warnings } = read({
      CAPTURE_HIEGHT: '720',
      CAPTURE_FPS: '30',
      BUFER_SIZE: '150',
      CHECKPOINTS_FREQUENCY: '5',
      PATH: '/bin',
      HOME: '/',
    })
    expect(warnings).toEqual([
      'CAPTURE_HIEGHT is not known and has no effect: did you mean CAPTURE_HEIGHT?',
      'CAPTURE_FPS is not known and has no effect',
      'BUFER_SIZE is not known and has no effect: did you mean BUFFER_SIZE?',
      'CHECKPOINTS_FREQUENCY is not known and has no effect: did you mean CHECKPOINT_FREQUENCY?',
    ])
  })

  it('warns of what costs money, of names that two pictures may share, and of what a stream does not heed', () => {
    expect(read({ BATCH_FREQUENCY: '5' }).warnings).toEqual([
      expect.stringContaining('BATCH_FREQUENCY 5 costs 17,280 queries a day'),
    ])
    expect(read({ CAPTURE_FREQUENCY: '0.2' }).warnings).toEqual([expect.stringContaining('FRAME_MATCH=after')])
    expect(read({ CONTRACT_ADDRESS: '0x12' }).warnings).toEqual([expect.stringContaining('has not 40 hexadecimal digits')])
    const stream = { CAMERA_INDEX: 'rtsp://easel.local/', CAPTURE_WIDTH: '1280', CAPTURE_HEIGHT: '720' }
    expect(read(stream).warnings).toEqual([
      'CAPTURE_WIDTH, CAPTURE_HEIGHT have no effect: a recording or a stream has its own size',
    ])
  })

  it('asks test pictures for no size that they cannot have', () => {
    const mock = { IS_MOCK: 'True', CAPTURE_WIDTH: '100', CAPTURE_HEIGHT: '100' }
    expect(() => read(mock)).toThrow(
      /CAPTURE_WIDTH is "100": expected a whole number of pixels from 160 to 3840\n.*CAPTURE_HEIGHT is "100"/,
    )
    expect(() => read({ ...mock, CAPTURE_WIDTH: '3840', CAPTURE_HEIGHT: '3840' })).toThrow('at most 3840 × 2160 pixels in all')
  })
})
