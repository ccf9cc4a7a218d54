import assert from 'node:assert/strict'
import { SnapmintError } from '@snapmint/core/adapter'
import { describeThrown } from './abort-error.js'

/** A way in which the device or service can fail, set up by the adapter's test. */
export interface FailureCase<Adapter> {
  /** Names it in the test's title: "a full disk". */
  readonly name: string
  /** An adapter whose device or service fails in this way. */
  create(): Adapter | Promise<Adapter>
  /** What the adapter must say of the failure. Left out: either will do. */
  readonly retryable?: boolean | undefined
  /** The code that the adapter must give. Left out: any that begins with `SNAPMINT_`. */
  readonly code?: string | undefined
}

/** @throws AssertionError unless `thrown` is a SnapmintError that core can act upon. */
export function expectClassified(
  thrown: unknown,
  expected: { readonly retryable?: boolean | undefined; readonly code?: string | undefined },
): void {
  assert.ok(
    SnapmintError.isInstance(thrown),
    `A failure must be reported as a SnapmintError, which tells core whether to try again; this was thrown: ${describeThrown(thrown)}`,
  )
  assert.match(
    thrown.code,
    /^SNAPMINT_[A-Z0-9_]+$/,
    `A SnapmintError's code must look like SNAPMINT_SINK_FULL, not ${thrown.code}`,
  )
  assert.equal(typeof thrown.retryable, 'boolean', `\`retryable\` must be true or false, not ${String(thrown.retryable)}`)
  assert.ok(thrown.message.trim() !== '', 'The error has no message: say what happened, to what, and what to do')
  assert.doesNotMatch(
    thrown.message,
    /[a-z][a-z0-9+.-]*:\/\/[^\s/@'"*]+@/i,
    `The message shows credentials: ${thrown.message}; use redactUrls`,
  )
  if (thrown.retryAfterMs !== undefined)
    assert.ok(
      Number.isFinite(thrown.retryAfterMs) && thrown.retryAfterMs >= 0,
      `\`retryAfterMs\` must be a number of ms from 0, not ${String(thrown.retryAfterMs)}`,
    )
  if (expected.retryable !== undefined)
    assert.equal(
      thrown.retryable,
      expected.retryable,
      `This failure should be retryable: ${expected.retryable} (${describeThrown(thrown)})`,
    )
  if (expected.code !== undefined)
    assert.equal(thrown.code, expected.code, `Expected the code ${expected.code} (${describeThrown(thrown)})`)
}
