import { randomBytes } from 'node:crypto'
import { resolve } from 'node:path'
import { SnapmintError } from '../errors/snapmint-error.js'
import type { Emit } from '../observe/event-bus.js'
import { systemTimers } from '../time/timers.js'
import { bounded, isAbortOf } from '../util/abort.js'
import { createRouteHolds } from './create-route-holds.js'
import { createDiskHealth, type DiskHealth } from './disk-health.js'
import { type FolderLock, lockFolder } from './folder-lock.js'
import { createHoldIndex } from './hold-index.js'
import { createHoldJournal, type HoldJournal } from './hold-journal.js'
import type { HoldParts } from './hold-parts.js'
import { createHoldPictures, type HoldPictures } from './hold-pictures.js'
import { createHoldRoom } from './hold-room.js'
import { holdsError } from './holds-error.js'
import { type HoldsOptions, holdsDefaults } from './holds-options.js'
import { restoreHolds } from './restore-holds.js'
import type { RouteHolds } from './route-holds.js'

/** The held pictures of a pipeline. */
export interface HoldStore {
  route(name: string): RouteHolds
  /** Writes what is to be written, and frees the folder. Never rejects; bounded in time: a disk that hangs keeps the folder until it has answered. */
  close(): Promise<void>
}

/** How often old holds are looked for and the lock is renewed, in ms. */
const SWEEP_MS = 5_000
/** How long the folder may take to open, in ms. */
const OPEN_MS = 30_000
const CLOSE_MS = 5_000

/** For tests. */
export interface HoldTuning {
  readonly timeoutMs?: number
  readonly restMs?: number
  readonly retainMs?: number
  readonly graceMs?: number
  readonly clock?: () => number
}

/**
 * Opens the folder, and finds what a killed process left in it.
 *
 * @throws `SNAPMINT_HOLDS_IN_USE`, `SNAPMINT_DIRECTORY_UNUSABLE`, the signal's reason
 */
export async function openHoldStore(
  options: HoldsOptions,
  emit: Emit,
  signal: AbortSignal,
  tuning: HoldTuning = {},
): Promise<HoldStore> {
  const timeoutError = () => new Error(`it could not be opened within ${OPEN_MS} ms`)
  let opening: Promise<HoldStore> | undefined
  const begin = (aborted: AbortSignal) => {
    opening = open(options, emit, tuning, aborted)
    return opening
  }
  try {
    return await bounded(begin, { signal, timeoutMs: OPEN_MS, timeoutError })
  } catch (error) {
    // Given up, it goes on by itself. It must not keep the folder, which the next start may want at once.
    await withinCloseMs(async () => (await opening)?.close(), timeoutError).catch(() => {})
    if (isAbortOf(signal, error)) throw error
    throw holdsError(error, options.directory)
  }
}

async function open(options: HoldsOptions, emit: Emit, tuning: HoldTuning, signal: AbortSignal): Promise<HoldStore> {
  const { files = holdsDefaults.files, fsync = holdsDefaults.fsync } = options
  const directory = resolve(options.directory)
  const index = createHoldIndex()
  const pictures: HoldPictures = createHoldPictures({
    ...{ files, directory, fsync },
    onMadeAnew() {
      journal.renew()
      void lock?.touch()
    },
  })
  const journal = createHoldJournal({
    ...{ files, directory, fsync },
    lines: () => index.lines(),
    async beforeWrite() {
      await pictures.makeFolder()
      await pictures.sync()
    },
  })
  let lock: FolderLock | undefined
  await pictures.makeFolder()
  lock = await lockFolder(files, directory)
  try {
    await restoreHolds({ files, directory, index, pictures, emit })
    signal.throwIfAborted()
  } catch (error) {
    await lock.release()
    throw error
  }
  const { maxBytes = holdsDefaults.maxBytes, maxAgeMs = holdsDefaults.maxAgeMs } = options
  const health = createDiskHealth(emit, tuning)
  const room = createHoldRoom({ index, journal, pictures, emit, maxBytes, maxAgeMs, ...tuning })
  const flush = guardedFlush(journal, health)
  room.sweep()
  room.reserve(0)
  await flush()
  return runStore({ index, journal, pictures, room, health, flush, emit }, lock)
}

/** Keeps an open folder in order until it is closed. */
function runStore(opened: Omit<HoldParts, 'newId' | 'closed'>, lock: FolderLock): HoldStore {
  const { journal, pictures, room, health, flush } = opened
  let closed = false
  const parts: HoldParts = { ...opened, newId: () => randomBytes(12).toString('hex'), closed: () => closed }
  const stopSweeping = systemTimers.every(SWEEP_MS, () => {
    room.sweep()
    if (journal.behind && !health.resting()) void flush()
    void lock.touch()
  })

  async function shut(): Promise<void> {
    room.sweep({ all: true })
    try {
      if (journal.behind) await journal.flush()
    } finally {
      await pictures.idle()
      await journal.close()
      // Not before: a journal that comes late would replace that of the next owner.
      await lock.release()
    }
  }

  return {
    route: (name) => createRouteHolds(name, parts),
    async close() {
      if (closed) return
      closed = true
      stopSweeping()
      const timeoutError = () => new SnapmintError('SNAPMINT_HOLD_FAILED', `The disk did not answer within ${CLOSE_MS} ms`)
      await withinCloseMs(shut, timeoutError).catch(health.failed)
    },
  }
}

function withinCloseMs(work: () => Promise<void>, timeoutError: () => Error): Promise<void> {
  return bounded(work, { signal: new AbortController().signal, timeoutMs: CLOSE_MS, timeoutError })
}

/** One guard for all who wait for the same write. */
function guardedFlush(journal: HoldJournal, health: DiskHealth): () => Promise<void> {
  let current: Promise<void> | undefined
  let guarded = Promise.resolve()
  return () => {
    // Tells that nothing is held; the disk is left alone.
    if (health.resting()) return health.run(() => Promise.resolve())
    const writing = journal.flush()
    if (writing !== current) guarded = health.run(() => writing)
    current = writing
    return guarded
  }
}
