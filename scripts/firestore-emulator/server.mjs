import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/* Google's emulator is a Java program that does not notice when whoever started it is killed. This process does, and takes it along. */

const main = 'com.google.cloud.datastore.emulator.firestore.CloudFirestore'
const java = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Duser.language=en']
const tries = 3
const startMs = 50_000

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}

let emulator
process.once('disconnect', () => {
  emulator?.kill('SIGKILL')
  process.exit()
})

/** @returns {Promise<boolean>} whether it answers; false when it ended, as when somebody else took its port meanwhile. */
async function answers(host) {
  for (const since = performance.now(); performance.now() - since < startMs; await sleep(50)) {
    if (emulator.exitCode !== null || emulator.signalCode !== null) return false
    const answer = await fetch(`http://${host}/`).catch(() => undefined)
    if (answer?.ok) return true
  }
  emulator.kill('SIGKILL')
  return false
}

/** @param {string} jar */
async function serve(jar) {
  for (let left = tries; left > 0; left--) {
    const port = await freePort()
    const host = `127.0.0.1:${port}`
    emulator = spawn('java', [...java, '-cp', jar, main, 'start', '--host=127.0.0.1', `--port=${port}`], { stdio: 'ignore' })
    emulator.once('error', (error) => process.send({ error: String(error) }, () => process.exit(1)))
    if (await answers(host)) return { host, pid: emulator.pid }
  }
  return { error: `it ended at once, ${tries} times` }
}

process.send(await serve(process.argv[2]))
