import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { rawCid } from '../fixtures/reference-cid.js'
import { createIpfsDouble, type IpfsDouble } from './ipfs-double.js'

let double: IpfsDouble

beforeEach(async () => {
  double = await createIpfsDouble()
})

afterEach(() => double.close())

const ask = async (path: string, body?: FormData) => {
  const response = await fetch(`${double.url}/api/v0/${path}`, { method: 'POST', ...(body === undefined ? {} : { body }) })
  return { status: response.status, text: await response.text() }
}
const form = (...names: string[]) => {
  const body = new FormData()
  for (const [index, name] of names.entries()) body.append('file', new Blob([`picture ${index}`]), encodeURIComponent(name))
  return body
}

describe('the double of a node', () => {
  it('has the defaults of Kubo, so that a client that says nothing gets other CIDs', async () => {
    const first = JSON.parse((await ask('add', form('a'))).text) as { Hash: string }
    expect(first.Hash).toMatch(/^Qm/)
    const explicit = JSON.parse((await ask('add?cid-version=1&raw-leaves=true', form('a'))).text) as { Hash: string }
    expect(explicit.Hash).toBe(rawCid(Buffer.from('picture 0')))
  })

  it('pins what was asked for, and only the root of a folder', async () => {
    const { text } = await ask('add?cid-version=1&raw-leaves=true', form('f/0', 'f/1'))
    const lines = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { Name: string; Hash: string })
    expect(lines.map(({ Name }) => Name)).toEqual(['f/0', 'f/1', 'f'])
    expect([...double.pins]).toEqual([lines[2]!.Hash])
    expect((await ask(`pin/ls?arg=${lines[0]!.Hash}`)).text).toContain('is not pinned')
    expect(double.read(`ipfs://${lines[2]!.Hash}/1`).toString()).toBe('picture 1')
    await ask('add?pin=false&cid-version=1', form('b'))
    expect(double.pins.size).toBe(1)
  })

  it('refuses what a node refuses', async () => {
    expect((await ask('nonsense')).status).toBe(404)
    expect((await ask('add')).status).toBe(500)
    expect((await fetch(`${double.url}/api/v0/id`)).status).toBe(404)
    expect((await ask('files/cp?arg=/ipfs/bafkreinone&arg=/x')).text).toContain('not found')
    expect((await ask('files/stat?arg=/x')).text).toContain('does not exist')
    const { Hash } = JSON.parse((await ask('add', form('a'))).text) as { Hash: string }
    expect((await ask(`files/cp?arg=/ipfs/${Hash}&arg=/deep/x`)).text).toContain('does not exist')
    expect((await ask(`files/cp?arg=/ipfs/${Hash}&arg=/deep/x&parents=true`)).status).toBe(200)
    expect((await ask(`files/cp?arg=/ipfs/${Hash}&arg=/deep/x`)).text).toContain('already has entry')
  })
})
