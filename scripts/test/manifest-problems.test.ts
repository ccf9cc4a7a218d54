import { describe, expect, it } from 'vitest'
import { manifestProblems } from '../lib/manifest-problems.mjs'
import { readProjects } from '../lib/workspace.mjs'

const core = readProjects().find(({ name }) => name === '@snapmint/core')!

describe('manifestProblems', () => {
  it('finds none in core', () => {
    expect(manifestProblems(core)).toEqual([])
  })

  it.each([
    ['license', undefined, '"license" must be "MIT"'],
    ['keywords', [], '"keywords" are missing'],
    ['description', '', '"description" is missing'],
    ['repository', { url: 'git+https://host/x.git' }, '"repository" needs a "url" and "directory": "packages/core"'],
    ['engines', { node: '>=18' }, '"engines.node" must be ">=20.19"'],
    ['files', ['src'], '"files" must be ["dist"]'],
    ['exports', { '.': './dist/index.js' }, '"exports" must let "./package.json" through'],
  ])('finds a wrong %s', (field, value, problem) => {
    expect(manifestProblems({ ...core, manifest: { ...core.manifest, [field]: value } })).toEqual([problem])
  })

  it('finds a missing README', () => {
    expect(manifestProblems({ ...core, directory: `${core.directory}/src` })).toContain('README.md is missing')
  })
})
