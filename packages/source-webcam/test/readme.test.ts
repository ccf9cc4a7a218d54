import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { resolveWebcamOptions } from '../src/webcam-source-options.js'

const read = (path: string) => readFile(new URL(path, import.meta.url), 'utf8')

describe('the README', () => {
  it('shows an example that is type-checked', async () => {
    const [, example] = /```ts\n(.*?)```/s.exec(await read('../README.md')) ?? []
    expect(example).toBe(await read('./fixtures/readme-example.ts'))
  })

  it('names every option', async () => {
    const text = await read('../README.md')
    for (const name of Object.keys(resolveWebcamOptions({}))) expect(text).toContain(`\`${name}\``)
  })
})
