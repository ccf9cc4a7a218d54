import { describe, expect, it } from 'vitest'
import { closureOf, needsOf, readProjects } from '../lib/workspace.mjs'

const project = (name: string, manifest: object = {}) => ({ name, directory: `/${name}`, manifest: { name, ...manifest } })
const projects = [
  project('app', { dependencies: { adapter: 'workspace:*', core: 'workspace:*', tsx: '4' } }),
  project('adapter', { peerDependencies: { core: 'workspace:0.x' }, devDependencies: { suite: 'workspace:*' } }),
  project('suite', { peerDependencies: { core: 'workspace:0.x' } }),
  project('core'),
]
const names = (list: readonly { name: string }[]) => list.map(({ name }) => name)

describe('closureOf', () => {
  it('puts each project after those it needs, and leaves out what only its tests need', () => {
    expect(names(closureOf(['app'], projects))).toEqual(['core', 'adapter', 'app'])
  })

  it('names each project once', () => {
    expect(names(closureOf(['suite', 'app', 'suite'], projects))).toEqual(['core', 'suite', 'adapter', 'app'])
  })

  it('says which name it does not know', () => {
    expect(() => closureOf(['nobody'], projects)).toThrow('nobody')
  })
})

describe('this workspace', () => {
  it('has core, on which every other package stands', () => {
    const published = readProjects().filter(({ manifest }) => manifest.private !== true)
    for (const one of published.filter(({ name }) => name !== '@snapmint/core')) {
      expect(needsOf(one, published), one.name).toEqual(['@snapmint/core'])
    }
  })
})
