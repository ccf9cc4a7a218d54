import { execFile } from 'node:child_process'
import { createServer } from 'node:net'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const asModule = ['--input-type=module', '--eval']
const run = promisify(execFile)

/** Asks and listens in a process of its own, closes, and waits until nothing more happens in it. */
function program(waitMs: number): string {
  return `
    import { firestoreJobs } from ${JSON.stringify(new URL('../dist/index.js', import.meta.url).href)}
    import { setTimeout as sleep } from 'node:timers/promises'
    const jobs = firestoreJobs({ projectId: 'demo-snapmint', timeoutMs: 1_500 })
    const controller = new AbortController()
    const { signal } = controller
    const codes = []
    const note = (error) => void codes.push(error.code)
    const watching = jobs.watch(() => {}, { signal }).catch(note)
    await jobs.claim({ max: 1, leaseMs: 1_000, signal }).catch(note)
    await sleep(${waitMs})
    controller.abort()
    await watching
    await jobs.close()
    console.log(codes.join(' '))`
}

async function unusedPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { readonly port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

it('leaves no rejection behind that ends the process, when it is closed while nobody answers', async () => {
  const env = { ...process.env, FIRESTORE_EMULATOR_HOST: `127.0.0.1:${await unusedPort()}` }
  const { stdout, stderr } = await run(process.execPath, [...asModule, program(100)], { env })
  expect(stderr).not.toContain('terminated')
  expect(stdout.trim().split(' ')).toContain('SNAPMINT_JOBS_UNAVAILABLE')
}, 120_000)

it('says that there are no credentials, and leaves no rejection behind either', async () => {
  const { FIRESTORE_EMULATOR_HOST: _emulator, GOOGLE_APPLICATION_CREDENTIALS: _file, ...others } = process.env
  const env = { ...others, HOME: '/nowhere', METADATA_SERVER_DETECTION: 'none' }
  const { stdout } = await run(process.execPath, [...asModule, program(0)], { env })
  expect(new Set(stdout.trim().split(' '))).toEqual(new Set(['SNAPMINT_JOBS_FORBIDDEN']))
}, 120_000)
