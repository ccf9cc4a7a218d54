import type { ClaimContext } from '../spec/job-source.js'
import { expectNumber, expectPositive } from '../util/expect-option.js'

/** What a claim asks for, checked. Rethrows the signal's reason when it is aborted: claims that nobody receives would be lost until their lease ends. */
export function expectLeaseRequest({ max, leaseMs, signal }: ClaimContext): { readonly max: number; readonly leaseMs: number } {
  signal.throwIfAborted()
  expectNumber('max', max, { min: 1 })
  expectPositive('leaseMs', leaseMs)
  return { max: Math.floor(max), leaseMs }
}

/** Resolves when `signal` aborts. */
export async function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
