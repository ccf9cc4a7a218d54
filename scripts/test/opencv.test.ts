import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { nodeHeaders } from '../lib/opencv.mjs'

const [ownMajor] = process.versions.node.split('.')

/** A Node.js installation with headers of another or the same major version; without headers if none is given. */
function installation(major?: string): string {
  const prefix = mkdtempSync(join(tmpdir(), 'snapmint-node-'))
  onTestFinished(() => rmSync(prefix, { recursive: true, force: true }))
  if (major === undefined) return prefix
  mkdirSync(join(prefix, 'include', 'node'), { recursive: true })
  writeFileSync(join(prefix, 'include', 'node', 'node_version.h'), `#define NODE_MAJOR_VERSION ${major}\n`)
  return prefix
}

describe('nodeHeaders', () => {
  it('finds the headers that lie beside the running Node.js, so that none are fetched', () => {
    const prefix = installation(ownMajor)
    expect(nodeHeaders(join(prefix, 'bin', 'node'))).toBe(prefix)
  })

  it('takes no headers of another Node.js, and none where there are none', () => {
    expect(nodeHeaders(join(installation('18'), 'bin', 'node'))).toBeUndefined()
    expect(nodeHeaders(join(installation(), 'bin', 'node'))).toBeUndefined()
  })
})
