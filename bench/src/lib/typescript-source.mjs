import { register } from 'tsx/esm/api'

register()

/**
 * The factory of a source whose module is TypeScript, for a capture worker: on Node 20 it does not inherit the main thread's import hooks.
 * @param {{ readonly module: string, readonly options: unknown }} source
 */
export default async ({ module, options }) => (await import(module)).default(options)
