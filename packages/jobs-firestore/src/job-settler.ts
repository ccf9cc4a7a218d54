import type { JobOutcome } from '@snapmint/core/adapter'
import { createStepCarrier, type StepCarrierOptions } from './carry-out-steps.js'
import { createSettleSteps, type SettleStepsOptions, type Step } from './settle-steps.js'

export interface JobSettler {
  /** Records outcomes. @throws SnapmintError the first failure, after everything else was recorded. */
  settle(outcomes: readonly JobOutcome[]): Promise<void>
  /** Renews leases. Resolves to the tokens that are lost. @throws SnapmintError */
  extend(tokens: readonly string[], leaseMs: number): Promise<string[]>
}

export function createJobSettler(parts: SettleStepsOptions & StepCarrierOptions): JobSettler {
  const { leases, works } = parts
  const { leaseField, steadyClock } = parts.options
  const stepOf = createSettleSteps(parts)
  const carryOut = createStepCarrier(parts)
  let underway: Promise<unknown> = Promise.resolve()

  function stepsOf(outcomes: readonly JobOutcome[]): Step[] {
    return outcomes.flatMap((outcome) => {
      const work = works.find(outcome.token)
      if (work === undefined || work.token !== outcome.token || work.settling) return []
      work.settling = true
      return [stepOf.ofOutcome(work, outcome)]
    })
  }

  async function settleNow(outcomes: readonly JobOutcome[]): Promise<void> {
    const steps = stepsOf(outcomes)
    for (const step of steps) if (Object.keys(step.data).length === 0) step.done(step.work.candidate.updateTime)
    const { failed, error } = await carryOut(steps.filter(({ data }) => Object.keys(data).length > 0))
    for (const { work } of failed) work.settling = false
    if (error !== undefined) throw error
  }

  async function renew(tokens: readonly string[], leaseMs: number): Promise<void> {
    const steps = tokens.flatMap((token) => {
      const work = works.find(token)
      // Its lease ends with the outcome that is on its way.
      return work === undefined || work.token !== token || work.settling ? [] : [stepOf.ofRenewal(work, leaseMs)]
    })
    const { error } = await carryOut(steps)
    if (error !== undefined) throw error
  }

  return {
    settle(outcomes) {
      // A call that was given up may still be under way: what it does not record, the next one must.
      const settling = underway.then(() => settleNow(outcomes))
      underway = settling.catch(() => {})
      return settling
    },
    async extend(tokens, leaseMs) {
      const leasedFrom = steadyClock()
      if (leaseField !== undefined) await renew(tokens, leaseMs)
      works.leasedUntil(leasedFrom + leaseMs)
      return leases.extend(tokens, leaseMs)
    },
  }
}
