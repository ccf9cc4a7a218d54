// Imported first by every script. Only syntax and modules that old versions know, so that they reach the message.
import { readFileSync } from 'node:fs'

const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
const wanted = manifest.engines.node.replace('>=', '')
const [wantedMajor, wantedMinor] = wanted.split('.').map(Number)
const [major, minor] = process.versions.node.split('.').map(Number)

if (major < wantedMajor || (major === wantedMajor && minor < wantedMinor)) {
  console.error(
    `Node ${process.versions.node} is too old: Snapmint needs ${wanted} or newer. Install a current version from https://nodejs.org and run the command again.`,
  )
  process.exit(1)
}
