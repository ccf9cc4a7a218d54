import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type InMemoryLeases, inMemoryLeases } from '../../src/jobs/in-memory-leases.js'

/** The naive model: every hand-out ever made, in order; the last one of an id is valid until it is ended. */
interface Model {
  now: number
  handOuts: { id: string; token: string; attempt: number; expiresAt: number; ended: boolean }[]
  attempts: Map<string, number>
}

type Real = { readonly leases: InMemoryLeases }

function validHandOut(model: Model, token: string) {
  const handOut = model.handOuts.find((item) => item.token === token)
  return handOut !== undefined && !handOut.ended ? handOut : undefined
}

function holderOf(model: Model, id: string) {
  return model.handOuts.find((item) => item.id === id && !item.ended)
}

/** The token of one of the hand-outs ever made, stale ones included. */
function pickToken(model: Model, pick: number): string {
  return model.handOuts[pick % Math.max(1, model.handOuts.length)]?.token ?? 'unknown'
}

function expectInvariants(model: Model, { leases }: Real): void {
  for (const { token, ended, id, attempt } of model.handOuts) {
    const found = leases.find(token)
    if (ended) expect(found).toBeUndefined()
    else expect(found).toMatchObject({ id, attempt })
  }
  const held = model.handOuts.filter(({ ended }) => !ended)
  expect(new Set(held.map(({ id }) => id)).size).toBe(held.length)
  expect(leases.held).toBe(held.length)
  expect(leases.remembered).toBe(held.length + model.attempts.size)
}

function command(name: string, run: (model: Model, real: Real) => void): fc.Command<Model, Real> {
  return {
    check: () => true,
    run(model, real) {
      run(model, real)
      expectInvariants(model, real)
    },
    toString: () => name,
  }
}

const take = (id: string, leaseMs: number) =>
  command(`take(${id}, ${leaseMs})`, (model, { leases }) => {
    const lease = leases.take(id, leaseMs)
    const holder = holderOf(model, id)
    if (holder !== undefined && holder.expiresAt > model.now) return expect(lease).toBeUndefined()
    const attempt = (holder?.attempt ?? model.attempts.get(id) ?? 0) + 1
    if (holder !== undefined) holder.ended = true
    model.attempts.delete(id)
    expect(lease).toMatchObject({ id, attempt, expiresAt: model.now + leaseMs })
    expect(model.handOuts.some(({ token }) => token === lease?.token)).toBe(false)
    model.handOuts.push({ ...lease!, ended: false })
  })

const takeExpired = (max: number, leaseMs: number) =>
  command(`takeExpired(${max}, ${leaseMs})`, (model, { leases }) => {
    const given = leases.takeExpired(max, leaseMs)
    const expired = model.handOuts.filter(({ ended, expiresAt }) => !ended && expiresAt <= model.now)
    expect(given.length).toBe(Math.min(max, expired.length))
    for (const lease of given) {
      const before = expired.find(({ id }) => id === lease.id)!
      expect(lease.attempt).toBe(before.attempt + 1)
      before.ended = true
      model.handOuts.push({ ...lease, ended: false })
    }
  })

const extend = (picks: readonly number[], leaseMs: number) =>
  command(`extend([${picks}], ${leaseMs})`, (model, { leases }) => {
    const tokens = picks.map((pick) => pickToken(model, pick))
    const lost = leases.extend(tokens, leaseMs)
    expect(lost).toEqual(tokens.filter((token) => validHandOut(model, token) === undefined))
    for (const token of tokens) {
      const handOut = validHandOut(model, token)
      if (handOut !== undefined) handOut.expiresAt = model.now + leaseMs
    }
  })

const settle = (pick: number) =>
  command(`settle(${pick})`, (model, { leases }) => {
    const handOut = validHandOut(model, pickToken(model, pick))
    expect(leases.settle(pickToken(model, pick))).toBe(handOut?.id)
    if (handOut !== undefined) handOut.ended = true
  })

const release = (pick: number, untried: boolean) =>
  command(`release(${pick}, ${untried})`, (model, { leases }) => {
    const handOut = validHandOut(model, pickToken(model, pick))
    expect(leases.release(pickToken(model, pick), { untried })).toBe(handOut?.id)
    if (handOut === undefined) return
    handOut.ended = true
    const attempts = handOut.attempt - (untried ? 1 : 0)
    if (attempts > 0) model.attempts.set(handOut.id, attempts)
  })

const forget = (id: string) =>
  command(`forget(${id})`, (model, { leases }) => {
    leases.forget(id)
    const holder = holderOf(model, id)
    if (holder !== undefined) holder.ended = true
    model.attempts.delete(id)
  })

const wait = (ms: number) =>
  command(`wait(${ms})`, (model) => {
    model.now += ms
  })

describe('inMemoryLeases against a naive model', () => {
  it('never has two valid tokens for an id, hands out what has ended, and lets a stale token do nothing', () => {
    const id = fc.constantFrom('a', 'b', 'c', 'd')
    const leaseMs = fc.constantFrom(5, 10, 30)
    const pick = fc.nat(40)
    const commands = fc.commands(
      [
        fc.tuple(id, leaseMs).map(([name, ms]) => take(name, ms)),
        fc.tuple(fc.integer({ min: 0, max: 5 }), leaseMs).map(([max, ms]) => takeExpired(max, ms)),
        fc.tuple(fc.array(pick, { maxLength: 4 }), leaseMs).map(([picks, ms]) => extend(picks, ms)),
        pick.map(settle),
        fc.tuple(pick, fc.boolean()).map(([item, untried]) => release(item, untried)),
        id.map(forget),
        fc.integer({ min: 0, max: 15 }).map(wait),
      ],
      { maxCommands: 60 },
    )
    fc.assert(
      fc.property(commands, (sequence) => {
        const model: Model = { now: 1_000, handOuts: [], attempts: new Map() }
        const setup = () => ({ model, real: { leases: inMemoryLeases({ clock: () => model.now }) } })
        fc.modelRun(setup, sequence)
      }),
      { numRuns: 500 },
    )
  })
})
