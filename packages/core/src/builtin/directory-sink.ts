import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { FrameSink } from '../spec/frame-sink.js'
import { type FileSystem, systemFiles } from '../util/durable-files.js'
import { expectSnapshot } from '../util/expect-media.js'
import { expectBoolean, expectKnownOptions, expectNumber, expectString } from '../util/expect-option.js'
import { createFileStore } from './directory-sink/file-store.js'
import { expectRelativePath, expectTemplateInside } from './directory-sink/relative-path.js'
import { toSinkError } from './directory-sink/sink-error.js'
import { parseKeyTemplate } from './key-template.js'

export interface DirectorySinkOptions {
  /** Created on demand. A relative path is resolved once, at construction. */
  readonly directory: string
  /**
   * Path of a picture below `directory`; see `parseKeyTemplate` for the placeholders.
   * Default `{source}/{date}/{hh}-{mi}-{ss}.{mmm}_{captureTime}.{ext}`: a folder for each source and each day, in UTC, in which names sort by time.
   */
  readonly template?: string | undefined
  /** Constants for the template, by name. */
  readonly constants?: Readonly<Record<string, string>> | undefined
  /** Replace a file that has another content. Default false: `SNAPMINT_SINK_CONFLICT`. */
  readonly overwrite?: boolean | undefined
  /** Wait until the picture and its name are on the disk. Default true; false survives a crash of the process but not one of the machine. */
  readonly fsync?: boolean | undefined
  /** Puts at the same time. Default 8. */
  readonly maxInFlight?: number | undefined
  /** Default: `node:fs/promises`. For tests. */
  readonly files?: FileSystem | undefined
}

const defaultTemplate = '{source}/{date}/{hh}-{mi}-{ss}.{mmm}_{captureTime}.{ext}'

/**
 * Stores pictures as files. A file appears under its name complete or not at all: it is written to `.snapmint-tmp` in the directory, flushed and then
 * given its name. Putting the same picture again is a success and writes nothing. The URI is a `file:` URL.
 *
 * No name leaves the directory: segments such as `..` are refused, and so are symbolic links below it that lead outside. The directory itself may be one.
 * What a killed process left in `.snapmint-tmp` is removed an hour later, by the first put of another.
 *
 * @throws from `put`: `SNAPMINT_SINK_KEY_INVALID`, `SNAPMINT_SINK_CONFLICT`, `SNAPMINT_SINK_FORBIDDEN`, `SNAPMINT_DIRECTORY_UNUSABLE` (final),
 * `SNAPMINT_SINK_FULL`, `SNAPMINT_SINK_FAILED` (retryable).
 */
export function directorySink(options: DirectorySinkOptions): FrameSink {
  expectDirectorySinkOptions(options)
  const {
    template = defaultTemplate,
    constants = {},
    overwrite = false,
    fsync = true,
    maxInFlight = 8,
    files = systemFiles,
  } = options
  const render = parseKeyTemplate(template, constants)
  expectTemplateInside(template)
  const directory = resolve(options.directory)
  const store = createFileStore({ directory, overwrite, fsync, files })

  return {
    specVersion: 1,
    adapter: 'directory',
    maxInFlight,
    async put(media, { key, signal }) {
      signal.throwIfAborted()
      expectSnapshot(media, 'directory')
      const path = expectRelativePath(render(media, key))
      try {
        return { uri: pathToFileURL(await store.write(path, media.data, signal)).href }
      } catch (error) {
        signal.throwIfAborted()
        throw toSinkError(error, resolve(directory, path))
      }
    },
  }
}

function expectDirectorySinkOptions(options: DirectorySinkOptions): void {
  const known = ['directory', 'template', 'constants', 'overwrite', 'fsync', 'maxInFlight', 'files']
  expectKnownOptions('directorySink', options, known)
  const { directory, overwrite, fsync, maxInFlight } = options
  expectString('directory', directory)
  if (directory.includes('\0')) throw new TypeError('Expected `directory` to be a path, got a string with a NUL character')
  if (overwrite !== undefined) expectBoolean('overwrite', overwrite)
  if (fsync !== undefined) expectBoolean('fsync', fsync)
  if (maxInFlight !== undefined) expectNumber('maxInFlight', maxInFlight, { min: 1, integer: true })
}
