import { join } from 'node:path'
import type { Emit } from '../observe/event-bus.js'
import { errorNumber, type FileSystem, removeFile } from '../util/durable-files.js'
import { applyRecord, type HoldIndex } from './hold-index.js'
import { journalName, temporaryJournal } from './hold-journal.js'
import type { HoldPictures } from './hold-pictures.js'
import { type ParsedJournal, parseJournal } from './hold-records.js'

export interface RestoreOptions {
  readonly files: FileSystem
  readonly directory: string
  readonly index: HoldIndex
  readonly pictures: HoldPictures
  readonly emit: Emit
}

/**
 * Fills the index with what the last process left, as far as it is whole, and removes the rest of it. Bytes are compared when a picture is asked for: a restart does
 * not wait for a gigabyte to be read.
 */
export async function restoreHolds({ files, directory, index, pictures, emit }: RestoreOptions): Promise<void> {
  const { records, damaged, unknownVersion } = await readJournal(files, directory)
  const now = performance.now()
  for (const record of records) applyRecord(index, record, now)
  const sizes = await pictures.sizes()
  let lost = 0
  for (const [id, { picture, jobs }] of index.pictures) {
    if (sizes.get(id) === picture.bytes && jobs.size > 0) continue
    lost += index.drop(id, now)
  }
  for (const id of sizes.keys()) if (!index.pictures.has(id)) await pictures.remove(id)
  for (const name of await files.readdir(directory)) {
    if (temporaryJournal.test(name)) await removeFile(files, join(directory, name))
  }
  if (unknownVersion) emit('hold:dropped', { reason: 'unreadable', count: 1 })
  if (damaged > 0) emit('hold:dropped', { reason: 'torn', count: damaged })
  if (lost > 0) emit('hold:dropped', { reason: 'damaged', count: lost })
}

async function readJournal(files: FileSystem, directory: string): Promise<ParsedJournal> {
  const nothing = { records: [], damaged: 0, unknownVersion: false }
  try {
    return parseJournal(await files.readFile(join(directory, journalName), 'utf8'))
  } catch (error) {
    return errorNumber(error) === 'ENOENT' ? nothing : { ...nothing, unknownVersion: true }
  }
}
