import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

/*
 * The emulator's HTTP server alone. Started the official way it needs Java 21 and fetches a jar that judges security rules; whoever comes with the Admin SDK or with
 * @google-cloud/storage is an administrator to it, for whom no rules are asked.
 */

/** @param {string} directory of firebase-tools @param {string} projectId */
async function serve(directory, projectId) {
  const require = createRequire(join(directory, 'package.json'))
  const inner = (/** @type {string} */ path) => require(join(directory, 'lib', 'emulator', path))
  const { StorageEmulator } = inner('storage/index.js')
  const { createApp } = inner('storage/server.js')
  const { EmulatorRegistry } = inner('registry.js')

  const settings = { projectId, host: '127.0.0.1', port: 0, rules: { name: 'none', content: '' }, auto_download: false }
  const emulator = new StorageEmulator(settings)
  const server = (await createApp(projectId, emulator)).listen(0, settings.host)
  await once(server, 'listening')
  settings.port = server.address().port
  // Links in its answers are made of what is registered.
  EmulatorRegistry.set('storage', emulator)
  return settings.port
}

const [directory, projectId, folder] = process.argv.slice(2)
// Whoever started it has ended, however that came about.
process.once('disconnect', () => {
  rmSync(folder, { recursive: true, force: true })
  process.exit()
})
process.send({ port: await serve(directory, projectId) })
