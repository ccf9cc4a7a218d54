/** What the parent sends to the child once. */
export interface ProbeRequest {
  readonly devices: readonly (number | string)[]
}

/** What the child answers: one for each device in order, then `done`; or why OpenCV cannot be used at all. */
export type ProbeMessage =
  | { readonly type: 'found'; readonly width: number; readonly height: number; readonly frameRate: number }
  | { readonly type: 'none' }
  | { readonly type: 'done' }
  | { readonly type: 'failed'; readonly code: string; readonly message: string }
