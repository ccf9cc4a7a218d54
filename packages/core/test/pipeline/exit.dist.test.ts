import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

it('leaves nothing behind that keeps the process alive', async () => {
  const program = fileURLToPath(new URL('../fixtures/start-and-stop.mjs', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [program], { timeout: 25_000 })
  expect(JSON.parse(stdout)).toEqual({ state: 'stopped', puts: 1, left: [] })
})
