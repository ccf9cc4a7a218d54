import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startSketchbox } from './fixtures/run-sketchbox.js'
import { temporaryFolder } from './fixtures/temporary-folder.js'

const needed = {
  CONTRACT_ADDRESS: '0x52908400098527886E0F7030069857D2E4169EE7',
  STORAGE_URL: 'my-project.appspot.com',
  IS_MOCK: 'True',
}

describe('mistakes', { timeout: 60_000 }, () => {
  it.each([
    [['--frames'], /^Unknown option '--frames'; see npm run example:sketchbox -- --help$/m],
    [['--jobs', '3'], /^--jobs goes with --emulators/],
    [['--emulators', '--jobs', 'many'], /^--jobs needs a number from 1 to 999999, got "many"$/m],
    [['--emulators', '--for', 'soon'], /^--for needs a duration such as 30s/],
  ])('%j is told in one line', async (args, line) => {
    const { code, stdout, stderr } = await startSketchbox(await temporaryFolder(), args).ended
    expect(stderr).toMatch(line)
    expect(stderr.trimEnd().split('\n')).toHaveLength(1)
    expect(stdout).toBe('')
    expect(code).toBe(1)
  })

  it('settings that are missing are told together, with a way to try it without them', async () => {
    const { code, stderr } = await startSketchbox(await temporaryFolder(), []).ended
    expect(stderr).toMatch(
      /^2 settings are wrong:\n {2}CONTRACT_ADDRESS is not set: .*\n {2}STORAGE_URL is not set: .*\n.*--emulators\n$/,
    )
    expect(code).toBe(1)
  })

  it('settings are read from .env, and the environment goes before it', async () => {
    const directory = await temporaryFolder()
    await writeFile(join(directory, '.env'), 'CONTRACT_ADDRESS="0x12"\nSTORAGE_URL=gs://pictures\nBUFFER_SIZE=all\n')
    const { code, stderr } = await startSketchbox(directory, [], { STORAGE_URL: 'Not A Bucket' }).ended
    expect(stderr).toMatch(/^2 settings are wrong:\n {2}STORAGE_URL is "Not A Bucket": .*\n {2}BUFFER_SIZE is "all": /)
    expect(code).toBe(1)
  })

  it('missing credentials end it before anything starts', async () => {
    const home = await temporaryFolder()
    const env = { ...needed, HOME: home, APPDATA: home, CLOUDSDK_CONFIG: home }
    const { code, stdout, stderr } = await startSketchbox(home, ['--for', '20'], env).ended
    expect(stderr).toMatch(/^No valid credentials for Google's services\. Set GOOGLE_APPLICATION_CREDENTIALS /)
    expect(stderr).not.toMatch(/\n\s+at /)
    expect(stdout).toBe('')
    expect(code).toBe(1)
  })

  it('credentials that are broken are told without showing them', async () => {
    const directory = await temporaryFolder()
    const file = join(directory, 'account.json')
    const attempt = async (text: string) => {
      await writeFile(file, text)
      const env = { ...needed, GOOGLE_APPLICATION_CREDENTIALS: file }
      const { code, stderr } = await startSketchbox(directory, ['--for', '20'], env).ended
      expect(stderr).toMatch(/^No valid credentials for Google's services\./)
      expect(stderr).not.toMatch(/top-secret|\n\s+at /)
      expect(code).toBe(1)
    }
    await attempt('top-secret, and no JSON')
    const key = '-----BEGIN PRIVATE KEY-----\ntop-secret\n-----END PRIVATE KEY-----\n'
    await attempt(
      JSON.stringify({ type: 'service_account', project_id: 'p', client_email: 'a@p.iam.gserviceaccount.com', private_key: key }),
    )
  })

  it('a Firestore that cannot be reached ends nothing, and leaves no stack behind', async () => {
    const directory = await temporaryFolder()
    const env = { ...needed, GOOGLE_CLOUD_PROJECT: 'demo-sketchbox', FIRESTORE_EMULATOR_HOST: '127.0.0.1:9' }
    const sketchbox = startSketchbox(directory, ['--for', '2'], env)
    const { code, stdout, stderr } = await sketchbox.ended
    expect(stderr).toBe('')
    expect(stdout).toContain('jobs of the emulator that FIRESTORE_EMULATOR_HOST names, 127.0.0.1:9, project demo-sketchbox')
    expect(stdout).toMatch(/^Ended: [1-9]\d* pictures? captured/m)
    expect(code).toBe(0)
  })

  it('a folder for pictures on the way that cannot be is told with its variable', async () => {
    const directory = await temporaryFolder()
    await writeFile(join(directory, 'taken'), '')
    const env = { HOLDS_DIRECTORY: 'taken' }
    const { code, stdout, stderr } = await startSketchbox(directory, ['--in-memory', '--for', '20'], env).ended
    expect(stdout).not.toContain('Ended')
    expect(stderr).toMatch(/^Pictures cannot be held in .*taken: .*HOLDS_DIRECTORY/)
    expect(stderr).not.toContain('`holds')
    expect(stderr.trimEnd().split('\n')).toHaveLength(1)
    expect(code).toBe(1)
  })

  it('a camera that is not there and a Firestore that does not answer are told, and tried again', async () => {
    // A server that takes connections and says nothing.
    const silent = createServer(() => {}).listen(0, '127.0.0.1')
    onTestFinished(() => void silent.close())
    await new Promise((resolve) => silent.once('listening', resolve))
    const { port } = silent.address() as { port: number }
    const env = {
      ...needed,
      IS_MOCK: 'False',
      CAMERA_INDEX: '/dev/video99',
      GOOGLE_CLOUD_PROJECT: 'demo-sketchbox',
      FIRESTORE_EMULATOR_HOST: `127.0.0.1:${port}`,
    }
    const sketchbox = startSketchbox(await temporaryFolder(), [], env)
    await sketchbox.said('! The camera is tried again: OpenCV cannot open "/dev/video99": /dev/video99 does not exist')
    sketchbox.send('SIGTERM')
    const { code, stdout, stderr } = await sketchbox.ended
    expect(stderr).toBe('')
    expect(stdout).toContain('Ended: 0 pictures captured; jobs 0 done, 0 failed, 0 handed back')
    expect(code).toBe(0)
  })
})
