import type { Emit } from '../observe/event-bus.js'
import type { DiskHealth } from './disk-health.js'
import type { HoldIndex } from './hold-index.js'
import type { HoldJournal } from './hold-journal.js'
import type { HoldPictures } from './hold-pictures.js'
import type { HoldRoom } from './hold-room.js'

/** What the parts of a store share. */
export interface HoldParts {
  readonly index: HoldIndex
  readonly journal: HoldJournal
  readonly pictures: HoldPictures
  readonly room: HoldRoom
  readonly health: DiskHealth
  /** Writes what the journal has to write. Never rejects; bounded in time. */
  flush(): Promise<void>
  readonly emit: Emit
  readonly newId: () => string
  readonly closed: () => boolean
}
