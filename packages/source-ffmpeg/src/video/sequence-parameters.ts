/** What a sequence parameter set says, as far as it matters here. */
export interface SequenceParameters {
  readonly id: number
  /** RFC 6381. */
  readonly codec: string
  /** Width in pixels of what is shown. */
  readonly codedWidth: number
  /** Height in pixels of what is shown. */
  readonly codedHeight: number
  /** How many pictures may come before one that is shown earlier; undefined where it is not said. 0: they come in the order in which they are shown. */
  readonly maxReorder: number | undefined
  /** What the headers of slices are read with. */
  readonly slice: SliceSyntax
}

/** The fields of a sequence parameter set on which a slice header's form depends. */
export interface SliceSyntax {
  /** Length in bits of frame_num (H.264). */
  readonly frameNumberBits: number
  /** Length in bits of the picture order count's low part; undefined where slices carry none. */
  readonly orderBits: number | undefined
  readonly separatePlanes: boolean
  /** Whether pictures are frames always, never fields (H.264). */
  readonly framesOnly: boolean
}
