import { execFile } from 'node:child_process'
import { cp, mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { temporaryDirectory } from '../fixtures/temporary-directory.js'

const directory = temporaryDirectory()
const packages = fileURLToPath(new URL('../../../', import.meta.url))
const run = promisify(execFile)

it('is a part of the package of its own', async () => {
  const exported = await import('@snapmint/source-ffmpeg/onvif')
  expect(Object.keys(exported).sort()).toEqual(['cameraStreamUri', 'discoverCameras', 'withCredentials'])
})

it('names the package to install when onvif is missing, and needs it for nothing else', async () => {
  const modules = join(directory, 'node_modules', '@snapmint')
  await mkdir(join(modules, 'source-ffmpeg'), { recursive: true })
  await symlink(join(packages, 'core'), join(modules, 'core'))
  for (const part of ['dist', 'package.json'])
    await cp(join(packages, 'source-ffmpeg', part), join(modules, 'source-ffmpeg', part), { recursive: true })
  const program = join(directory, 'program.mjs')
  await writeFile(
    program,
    `import { cameraStreamUri, discoverCameras, withCredentials } from '@snapmint/source-ffmpeg/onvif'
     console.log(withCredentials('rtsp://a/b', { username: 'u', password: 'p' }))
     for (const call of [() => discoverCameras(), () => cameraStreamUri({ host: 'camera' })])
       await call().catch(({ code, retryable, message }) => console.log(JSON.stringify({ code, retryable, message })))`,
  )
  const lines = (await run(process.execPath, [program])).stdout.trim().split('\n')
  expect(lines[0]).toBe('rtsp://u:p@a/b')
  expect(lines).toHaveLength(3)
  for (const line of lines.slice(1)) {
    expect(JSON.parse(line)).toMatchObject({ code: 'SNAPMINT_MISSING_DEPENDENCY', retryable: false })
    expect(line).toContain('npm install onvif@0.8')
  }
})
