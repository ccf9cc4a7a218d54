/** A display: a monitor, or a projector, or a part of an X screen. */
export interface ScreenDisplay {
  /** Its place in the list, from 0. May change when a monitor is plugged in. */
  readonly index: number
  /** Names it on this machine for as long as it is plugged in: `:0.0/HDMI-1` on X11, a number elsewhere. */
  readonly id: string
  /** For people; not always unique: `HDMI-1`, `DELL U2720Q`. */
  readonly name: string
  /** Place of its upper left corner among all displays, in pixels; may be negative. */
  readonly x: number
  readonly y: number
  /** Size of its picture in pixels. */
  readonly width: number
  readonly height: number
  /** Device pixels for each unit of the system's own coordinates: 2 on most displays of a Mac. 1 on X11. */
  readonly scaleFactor: number
  readonly isPrimary: boolean
}

/** A window that can be seen. */
export interface ScreenWindow {
  /** The system's number for it. */
  readonly id: number
  readonly title: string
  /** Place of its upper left corner among all displays, in pixels; may be negative. */
  readonly x: number
  readonly y: number
  /** Size of its content in pixels. */
  readonly width: number
  readonly height: number
}
