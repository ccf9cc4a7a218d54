/** What became of a route's claims. Always: `claimed = done + failed + retried + inFlight`. */
export interface LedgerFigures {
  readonly claimed: number
  readonly done: number
  readonly failed: number
  /** Handed back: to be tried again, not due yet, or their lease was lost. */
  readonly retried: number
  /** Claimed and not settled yet. */
  readonly inFlight: number
  /** Of those in flight: waiting for a moment that is not captured yet. */
  readonly waiting: number
}
