import assert from 'node:assert/strict'
import { isDeepStrictEqual } from 'node:util'
import type { FrameSource, SourceFactory, SourceHost } from '@snapmint/core/adapter'
import { describeThrown } from '../../runner/abort-error.js'
import type { Rule } from '../../runner/rule.js'
import type { Within } from '../../runner/within.js'
import { nextFrame } from '../source-run.js'
import type { SourceTest } from '../source-test.js'

function cloneOptions({ options }: SourceHost): unknown {
  let clone: unknown
  try {
    clone = structuredClone(options)
  } catch (thrown) {
    assert.fail(
      `\`host.options\` cannot be sent to a thread: ${describeThrown(thrown)}. Functions and open handles do not cross the border`,
    )
  }
  assert.ok(
    isDeepStrictEqual(clone, options),
    '`host.options` is another thing after structuredClone(): plain data only, no class instances',
  )
  return clone
}

async function loadFactory({ module }: SourceHost, within: Within): Promise<SourceFactory> {
  assert.match(String(module?.href), /^(file|data|node):/, `\`host.module\` must be a URL of an ES module, not ${String(module)}`)
  const loading = import(module.href).catch((thrown: unknown) =>
    assert.fail(`\`host.module\` ${module.href} cannot be imported: ${describeThrown(thrown)}`),
  )
  const { default: factory } = await within('The host module should load', loading)
  assert.equal(
    typeof factory,
    'function',
    `The default export of \`host.module\` must be the source's factory, not ${typeof factory}`,
  )
  return factory
}

/** How core runs the source apart from the main thread. Sources without `host` pass. */
export const hostRules: readonly Rule<SourceTest>[] = [
  {
    title: 'names, if any, a host module whose factory makes the same source of cloned options',
    async check({ create, open, within }) {
      const { host, adapter } = await create()
      if (host === undefined) return
      assert.ok(
        ['thread', 'process'].includes(host.kind),
        `\`host.kind\` must be 'thread' or 'process', not ${JSON.stringify(host.kind)}`,
      )
      for (const [name, value] of Object.entries(host.env ?? {}))
        assert.equal(
          typeof value,
          'string',
          `\`host.env.${name}\` must be a string, as environment variables are, not ${typeof value}`,
        )
      const options = cloneOptions(host)
      const factory = await loadFactory(host, within)
      const source: FrameSource = factory(options)
      assert.equal(source.adapter, adapter, "The host module's factory makes a source of another adapter")
      await nextFrame(open(source), within, '1.')
    },
  },
]
