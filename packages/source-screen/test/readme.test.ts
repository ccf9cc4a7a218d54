import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { resolveScreenOptions } from '../src/screen-source-options.js'

const read = (path: string) => readFile(new URL(path, import.meta.url), 'utf8')

describe('the README', () => {
  it('shows examples that are type-checked', async () => {
    const examples = [...(await read('../README.md')).matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code)
    const checked = ['readme-example', 'readme-more-examples'].map((name) => read(`./fixtures/${name}.ts`))
    expect(examples).toEqual(await Promise.all(checked))
  })

  it('names every option', async () => {
    const text = await read('../README.md')
    for (const name of Object.keys(resolveScreenOptions({}))) expect(text).toContain(`\`${name}\``)
  })
})
