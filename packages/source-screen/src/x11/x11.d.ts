/** What this package uses of `x11`, which brings no declarations. */
declare module 'x11' {
  import type { EventEmitter } from 'node:events'
  import type { Socket } from 'node:net'

  export type Callback<T> = (error: Error | null | undefined, result: T) => void

  export interface XEvent {
    readonly name?: string
    readonly wid?: number
    readonly width?: number
    readonly height?: number
  }
  export interface XScreen {
    readonly root: number
    readonly pixel_width: number
    readonly pixel_height: number
  }
  export interface XDisplay {
    readonly screen: readonly XScreen[]
    readonly client: XClient
  }
  export interface XProperty {
    readonly type: number
    readonly data: Buffer
  }
  export interface XRandr {
    readonly majorOpcode: number
    readonly major_version: number
    readonly minor_version: number
    SelectInput(window: number, mask: number): void
  }
  export interface XClient extends EventEmitter {
    /** Unset until the connection stands. */
    readonly stream?: Socket
    atoms: Record<string, number>
    atom_names: Record<number, string>
    seq_num: number
    readonly pack_stream: { put(request: Buffer): void; submit(expectsReply?: boolean): void }
    readonly replies: Record<number, [(reply: Buffer) => unknown, Callback<never>]>
    require(name: 'randr', callback: Callback<XRandr>): void
    InternAtom(onlyIfExists: boolean, name: string, callback: Callback<number>): void
    GetAtomName(atom: number, callback: Callback<string>): void
    QueryTree(window: number, callback: Callback<{ readonly children: readonly number[] }>): void
    GetWindowAttributes(window: number, callback: Callback<{ readonly mapState: number; readonly klass: number }>): void
    GetGeometry(window: number, callback: Callback<{ readonly width: number; readonly height: number }>): void
    TranslateCoordinates(
      from: number,
      to: number,
      x: number,
      y: number,
      callback: Callback<{ destX: number; destY: number }>,
    ): void
    GetProperty(remove: 0, window: number, name: number, type: 0, offset: 0, length: number, callback: Callback<XProperty>): void
    ChangeWindowAttributes(window: number, attributes: { readonly eventMask: number }): void
  }
  export function createClient(options: { readonly display: string; readonly shm: false }, callback: Callback<XDisplay>): XClient
}
