/** An error as a job source stores it: plain, serialisable, free of secrets. */
export interface JobError {
  /** `SNAPMINT_…` */
  readonly code: string
  readonly message: string
}
