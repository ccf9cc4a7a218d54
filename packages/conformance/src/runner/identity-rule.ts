import assert from 'node:assert/strict'

/** What every contract begins with. */
export function expectIdentity(adapter: { readonly specVersion: unknown; readonly adapter: unknown }): void {
  assert.equal(
    adapter.specVersion,
    1,
    `\`specVersion\` must be 1, the version of the contract, not ${String(adapter.specVersion)}`,
  )
  assert.ok(
    typeof adapter.adapter === 'string' && adapter.adapter.trim() !== '',
    `\`adapter\` must be the adapter's short name, for errors and metrics, not ${JSON.stringify(adapter.adapter)}`,
  )
}
