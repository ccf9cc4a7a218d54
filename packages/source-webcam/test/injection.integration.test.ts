import { exec } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { type WebcamSourceOptions, webcamSource } from '../src/index.js'
import { takeShot } from '../src/take-shot.js'
import { type ResolvedWebcamOptions, resolveWebcamOptions } from '../src/webcam-source-options.js'
import { readFrames } from './fixtures/read-frames.js'
import { writeStubTool } from './fixtures/stub-tool.js'
import { temporaryDirectory } from './fixtures/temporary-directory.js'

const directory = temporaryDirectory()
const canary = join(directory, 'canary')
const payloads = [
  `TEST; touch ${canary}`,
  `TEST && touch ${canary}`,
  `TEST | touch ${canary}`,
  `TEST & touch ${canary} &`,
  `TEST\ntouch ${canary}\n`,
  `$(touch ${canary})`,
  `\`touch ${canary}\``,
  `TEST" ; touch ${canary} ; "`,
  `TEST' ; touch ${canary} ; '`,
  `TEST > ${canary}`,
  `TEST --exec "touch ${canary}"`,
  `TEST --save ${canary}`,
  `--exec=touch ${canary}`,
  `-d TEST --dumpframe ${canary}`,
]
const options = [
  'device',
  'width',
  'height',
  'quality',
  'intervalMs',
  'skipFrames',
  'rotation',
  'flip',
  'timeoutMs',
  'tool',
  'toolPath',
] as const
const tools = ['fswebcam', 'imagesnap', 'commandcam'] as const
/** What of the payloads' words lies in the working directory, where nothing is to be left behind. */
const litter = () => payloads.flatMap((payload) => payload.split(/[^\w-]+/)).filter((word) => word !== '' && existsSync(word))
const litterBefore = litter()
const cases = tools.flatMap((tool) => options.map((name) => [tool, name] as const))

describe('shell commands in an option', () => {
  afterEach(() => expect(litter()).toEqual(litterBefore))

  it.each(cases)('are not run by %s in `%s`, one after the other', async (tool, name) => {
    const toolPath = await writeStubTool(join(directory, tool), 'fs.writeFileSync(file, jpeg)')
    const shell = { fswebcam: { device: 'TEST' }, imagesnap: { toolPath }, commandcam: { toolPath } }[tool]
    for (const payload of payloads) {
      const attack = { tool, ...shell, [name]: payload } as unknown as WebcamSourceOptions
      const outcome = await Promise.resolve()
        .then(() => readFrames(webcamSource(attack)))
        .catch((error: unknown) => ({ frames: [], error }))
      // A Mac's camera may well be called "Dirk's & Eva's"; it is one argument then.
      const isName = tool === 'imagesnap' && name === 'device' && outcome.frames.length === 1
      if (!isName && !(outcome.error instanceof TypeError))
        expect(outcome.error, payload).toMatchObject({ code: 'SNAPMINT_MISSING_DEPENDENCY' })
      expect(existsSync(canary), payload).toBe(false)
    }
  })

  it('would not be run even if the checks of the options let them through', async () => {
    for (const payload of payloads) {
      const attack: ResolvedWebcamOptions = { ...resolveWebcamOptions({ tool: 'fswebcam', device: 'TEST' }), device: payload }
      const context = { signal: new AbortController().signal, now: Date.now }
      await expect(takeShot(attack, context), payload).rejects.toMatchObject({ code: 'SNAPMINT_SOURCE_NOT_FOUND' })
      expect(existsSync(canary), payload).toBe(false)
    }
  })

  it('are not run when they are the name of the directory for temporary files', async () => {
    const before = process.env.TMPDIR
    const evil = join(directory, `$(touch canary); 'touch canary' "`)
    await mkdir(evil)
    const toolPath = await writeStubTool(
      join(directory, 'snap'),
      "fs.writeFileSync(file, jpeg); fs.writeFileSync(__filename + '.path', file)",
    )
    try {
      process.env.TMPDIR = evil
      const { frames } = await readFrames(webcamSource({ tool: 'imagesnap', toolPath, device: "Dirk's camera (1)" }))
      expect(frames).toHaveLength(1)
    } finally {
      if (before === undefined) delete process.env.TMPDIR
      else process.env.TMPDIR = before
      await rm(evil, { recursive: true })
    }
    expect(readFileSync(`${toolPath}.path`, 'utf8')).toMatch(/picture\.jpg$/)
    expect(existsSync(canary)).toBe(false)
  })

  it('would be run by a shell: the payloads are real', async () => {
    const run = (words: string) =>
      // A payload that begins with an option makes its last word the name of the picture's file.
      new Promise((resolve) => exec(`fswebcam -q -r 64x48 --no-banner ${words} - > /dev/null`, { cwd: directory }, resolve))
    for (const payload of payloads) {
      for (const words of [`-d ${payload}`, `-d '${payload}'`, `-d "${payload}"`, `-d TEST ${payload}`]) await run(words)
      expect(existsSync(canary), payload).toBe(true)
      await rm(canary)
    }
  })
})
