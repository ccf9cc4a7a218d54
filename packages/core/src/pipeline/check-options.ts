import { resolve } from 'node:path'
import { captureSettings } from '../capture/capture-options.js'
import { type HistoryOptions, historyDefaults, planHistory } from '../history/history.js'
import { expectHoldsOptions, type HoldsOptions } from '../holds/holds-options.js'
import type { FrameSource } from '../spec/frame-source.js'
import { maxDelayMs } from '../util/delay.js'
import {
  expectKnownOptions,
  expectNumber,
  expectObject,
  expectOneOf,
  expectPositive,
  expectString,
} from '../util/expect-option.js'
import type { PipelineHistoryOptions } from './pipeline-options.js'
import type { AnyRoute } from './route-options.js'

/** Options of either form, brought into one shape. */
export interface NormalOptions {
  readonly sources: Readonly<Record<string, FrameSource>>
  readonly routes: readonly (AnyRoute & { readonly name: string })[]
  readonly histories: ReadonlyMap<string, HistoryOptions>
  readonly capture: Parameters<typeof captureSettings>[0]
  readonly holds: HoldsOptions | undefined
  readonly random: () => number
}

const COMMON = ['history', 'capture', 'holds', 'random']
const TUNING = ['match', 'toleranceMs', 'waitMs', 'leaseMs', 'claimMax', 'maxInFlight', 'maxWaiting', 'maxBytesInFlight', 'put']

/** Checks all options at once, so that a mistake shows before the show begins. */
export function checkOptions(options: unknown): NormalOptions {
  expectObject('options', options)
  try {
    return checkEither(options)
  } catch (error) {
    // The short form names things as its user did.
    if (error instanceof Error && !('sources' in options)) error.message = shortNames(error.message)
    throw error
  }
}

function shortNames(message: string): string {
  return message.replaceAll('sources.camera', 'source').replaceAll('routes[0].sinks[0]', 'sink').replaceAll('routes[0].', '')
}

function checkEither(options: Record<string, unknown>): NormalOptions {
  const short = !('sources' in options)
  const { source, jobs, sink, sources = { camera: source }, history = {}, capture, holds, random = Math.random } = options
  expectKnownOptions(
    'createPipeline',
    options,
    short ? ['source', 'jobs', 'sink', 'select', ...TUNING, ...COMMON] : ['sources', 'routes', ...COMMON],
  )
  expectObject('sources', sources)
  expectObject('history', history)
  if (typeof random !== 'function') throw new TypeError('Expected `random` to be a function')
  const routes = short ? [shortRoute(options, jobs, sink)] : (options.routes ?? [])
  if (!Array.isArray(routes)) throw new TypeError('Expected `routes` to be an array')
  const names = Object.keys(sources)
  if (names.length === 0) throw new TypeError('Expected `sources` to name at least one source')
  for (const name of names) checkSource(name, sources[name])
  captureSettings(capture as never)
  if (holds !== undefined) expectHoldsOptions(holds)
  return {
    sources: sources as NormalOptions['sources'],
    routes: checkRoutes(routes),
    histories: divideHistory(history as PipelineHistoryOptions, names),
    capture: capture as NormalOptions['capture'],
    holds: holds === undefined ? undefined : { ...holds, directory: resolve(holds.directory) },
    random: random as () => number,
  }
}

function shortRoute(options: Record<string, unknown>, jobs: unknown, sink: unknown) {
  const tuning = Object.fromEntries(
    [...TUNING, 'select'].filter((key) => options[key] !== undefined).map((key) => [key, options[key]]),
  )
  return { name: 'jobs', jobs, sinks: [sink], ...tuning }
}

function checkSource(name: string, source: unknown): void {
  expectString('source name', name)
  if (typeof source === 'function')
    throw new TypeError(`Expected \`sources.${name}\` to be a source, got a function; call it: \`${source.name || 'source'}()\``)
  expectObject(`sources.${name}`, source)
  checkAdapter(`sources.${name}`, source, ['frames'])
  if (source.host === undefined) return
  expectObject(`sources.${name}.host`, source.host)
  expectOneOf(`sources.${name}.host.kind`, source.host.kind, ['thread', 'process'])
}

/** Runs a check of a part; its error names where the part stands. */
function naming(path: string, check: () => void): void {
  try {
    check()
  } catch (error) {
    if (error instanceof Error) error.message = `${path}: ${error.message}`
    throw error
  }
}

function checkAdapter(path: string, adapter: Record<string, unknown>, methods: readonly string[]): void {
  if (adapter.specVersion !== 1) {
    throw new TypeError(
      `Expected \`${path}.specVersion\` to be 1, got ${String(adapter.specVersion)}; this core knows adapters of version 1`,
    )
  }
  expectString(`${path}.adapter`, adapter.adapter)
  for (const method of methods) {
    if (typeof adapter[method] !== 'function')
      throw new TypeError(`Expected \`${path}.${method}\` to be a function, got ${typeof adapter[method]}`)
  }
}

function checkRoutes(routes: readonly unknown[]): NormalOptions['routes'] {
  const checked = routes.map((route, index) => checkRoute(route, index))
  const names = new Set(checked.map(({ name }) => name))
  if (names.size < checked.length)
    throw new TypeError(`Expected each route to have a name of its own, got ${checked.map(({ name }) => name).join(', ')}`)
  checkSharing(checked)
  return checked
}

/** What two routes may not have in common. */
function checkSharing(routes: NormalOptions['routes']): void {
  const seen = new Map<unknown, NormalOptions['routes'][number]>()
  for (const route of routes) {
    const other = seen.get(route.jobs)
    if (other !== undefined) {
      throw new TypeError(
        `Routes "${other.name}" and "${route.name}" have the same \`jobs\`; each job would reach only one of them. Give each its own`,
      )
    }
    seen.set(route.jobs, route)
  }
  for (const route of routes.filter(({ render }) => render !== undefined)) {
    const other = routes.find((candidate) => candidate !== route && candidate.sinks.some((sink) => route.sinks.includes(sink)))
    if (other !== undefined) {
      throw new TypeError(
        `Route "${route.name}" renders other pictures than "${other.name}" under the same names into the same sink; give it a sink of its own, with another folder or prefix`,
      )
    }
  }
}

function checkRoute(route: unknown, index: number): NormalOptions['routes'][number] {
  const path = `routes[${index}]`
  expectObject(path, route)
  expectKnownOptions(path, route, ['name', 'jobs', 'sinks', 'select', 'render', ...TUNING])
  const { name = `route-${index + 1}`, jobs, sinks, select, render } = route
  expectString(`${path}.name`, name)
  expectObject(`${path}.jobs`, jobs)
  checkAdapter(`${path}.jobs`, jobs, ['claim', 'settle'])
  if (!Array.isArray(sinks) || sinks.length === 0)
    throw new TypeError(`Expected \`${path}.sinks\` to be an array of at least one sink`)
  sinks.forEach((sink: unknown, at) => {
    expectObject(`${path}.sinks[${at}]`, sink)
    checkAdapter(`${path}.sinks[${at}]`, sink, ['put'])
    if (sink.maxInFlight !== undefined)
      expectNumber(`${path}.sinks[${at}].maxInFlight`, sink.maxInFlight, { min: 1, integer: true })
  })
  if (select !== undefined && typeof select !== 'function')
    throw new TypeError(`Expected \`${path}.select\` to be a function, got ${typeof select}`)
  if (render !== undefined && typeof render !== 'function')
    throw new TypeError(`Expected \`${path}.render\` to be a function, got ${typeof render}`)
  if (route.match !== undefined) expectOneOf(`${path}.match`, route.match, ['closest', 'before', 'after'])
  checkTuning(path, route)
  return { ...(route as unknown as AnyRoute), name }
}

function checkTuning(path: string, route: Record<string, unknown>): void {
  const check = (
    key: string,
    range: { min: number; max?: number; integer?: boolean },
    from: Record<string, unknown> = route,
    at = path,
  ) => {
    if (from[key] !== undefined) expectNumber(`${at}.${key}`, from[key], range)
  }
  check('toleranceMs', { min: 0 })
  check('waitMs', { min: 0, max: maxDelayMs })
  check('leaseMs', { min: 100, max: maxDelayMs })
  for (const key of ['claimMax', 'maxInFlight', 'maxBytesInFlight']) check(key, { min: 1, integer: true })
  check('maxWaiting', { min: 0, integer: true })
  if (route.put === undefined) return
  expectObject(`${path}.put`, route.put)
  expectKnownOptions(`${path}.put`, route.put, ['maxAttempts', 'timeoutMs', 'initialDelayMs', 'maxDelayMs'])
  check('maxAttempts', { min: 1, integer: true }, route.put, `${path}.put`)
  for (const key of ['timeoutMs', 'initialDelayMs', 'maxDelayMs'])
    check(key, { min: 1, max: maxDelayMs }, route.put, `${path}.put`)
}

/** One budget for the process, divided among the sources. */
function divideHistory(options: PipelineHistoryOptions, names: readonly string[]): ReadonlyMap<string, HistoryOptions> {
  expectKnownOptions('history', options, ['durationMs', 'maxBytes', 'perSource'])
  const { durationMs = historyDefaults.durationMs, maxBytes = historyDefaults.maxBytes, perSource = {} } = options
  expectPositive('history.durationMs', durationMs)
  expectNumber('history.maxBytes', maxBytes, { min: 1, integer: true })
  expectKnownOptions('history.perSource', perSource, names)
  const own = (name: string) => perSource[name]?.maxBytes
  const taken = names.reduce((sum, name) => sum + (own(name) ?? 0), 0)
  const sharing = names.filter((name) => own(name) === undefined).length
  const share = Math.floor((maxBytes - taken) / Math.max(1, sharing))
  if (sharing > 0 && share < 64 * 2 ** 10) {
    throw new RangeError(
      `\`history.maxBytes\` ${maxBytes} leaves ${share} bytes for each of ${sharing} sources; at least 65536 are needed`,
    )
  }
  const histories = new Map(names.map((name) => [name, { durationMs, maxBytes: share, ...perSource[name] }]))
  for (const [name, history] of histories) naming(`history.perSource.${name}`, () => planHistory(history))
  if (taken > maxBytes) {
    throw new RangeError(`\`history.perSource\` takes ${taken} bytes, more than \`history.maxBytes\` ${maxBytes}; raise that`)
  }
  return histories
}
