import { errorMessage, redactUrls } from '../errors/plain-error.js'
import { SnapmintError } from '../errors/snapmint-error.js'
import type { FrameSource, SourceFactory } from '../spec/frame-source.js'
import { showValue } from './source-error.js'

/**
 * Imports a source's module and calls its factory.
 *
 * @throws `SNAPMINT_SOURCE_FAILED`, not retryable, when there is no such module, it has no factory, or the factory makes no source; a
 *   SnapmintError of the factory as it is.
 */
export async function loadSource(moduleUrl: string, options: unknown, adapter: string): Promise<FrameSource> {
  const factory = await importFactory(moduleUrl, adapter)
  let source: unknown
  try {
    source = await (factory as (options: unknown) => unknown)(options)
  } catch (thrown) {
    if (SnapmintError.isInstance(thrown)) throw thrown
    const message = thrown instanceof Error ? errorMessage(thrown) : showValue(thrown)
    throw broken(`The factory of the ${adapter} source in ${moduleUrl} failed: ${message}`, adapter, thrown)
  }
  if (typeof (source as Partial<FrameSource> | undefined)?.frames === 'function') return source as FrameSource
  throw broken(`The factory in ${moduleUrl} made no frame source but ${showValue(source)}`, adapter)
}

async function importFactory(moduleUrl: string, adapter: string): Promise<SourceFactory> {
  let module: { readonly default?: unknown }
  try {
    module = await import(moduleUrl)
  } catch (thrown) {
    // A module that knows what it lacks says so itself: SNAPMINT_MISSING_DEPENDENCY names the package to install.
    if (SnapmintError.isInstance(thrown)) throw thrown
    const message = thrown instanceof Error ? errorMessage(thrown) : showValue(thrown)
    throw broken(`The module of the ${adapter} source, ${moduleUrl}, cannot be imported: ${message}`, adapter, thrown)
  }
  if (typeof module.default === 'function') return module.default as SourceFactory
  throw broken(`The module ${moduleUrl} has no source factory as its default export, got ${showValue(module.default)}`, adapter)
}

function broken(message: string, adapter: string, cause?: unknown): SnapmintError {
  return new SnapmintError('SNAPMINT_SOURCE_FAILED', redactUrls(message), { adapter, cause, retryable: false })
}
