import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { type OpencvSourceOptions, opencvSource } from '../src/index.js'

const read = (path: string) => readFile(new URL(path, import.meta.url), 'utf8')

function knownOptions(): string[] {
  try {
    opencvSource({ device: 0, unknown: true } as OpencvSourceOptions)
    return []
  } catch (error) {
    return /known are (.*)$/.exec((error as Error).message)?.[1]?.split(', ') ?? []
  }
}

describe('the README', () => {
  it('shows an example that is type-checked', async () => {
    const [, example] = /```ts\n(.*?)```/s.exec(await read('../README.md')) ?? []
    expect(example).toBe(await read('./fixtures/readme-example.ts'))
  })

  it('names every option', async () => {
    const text = await read('../README.md')
    expect(knownOptions()).toContain('device')
    for (const name of knownOptions()) expect(text).toContain(`\`${name}\``)
  })
})
