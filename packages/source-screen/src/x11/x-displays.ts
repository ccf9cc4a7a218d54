import type { ScreenDisplay } from '../target/screen-display.js'
import type { XServer } from './open-x-server.js'

/** RandR's request GetMonitors, from version 1.5 on (randrproto.txt). */
const getMonitors = 42

interface Monitor {
  readonly name: string
  readonly isPrimary: boolean
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** The monitors of every X screen of a server; that of the X screen which was asked for is the primary one. */
export async function listXDisplays(server: XServer): Promise<ScreenDisplay[]> {
  const displays: ScreenDisplay[] = []
  for (const [number, screen] of server.screens.entries()) {
    const all = await monitorsOf(server, screen.root)
    const primary = number === server.screenNumber ? (all.find(({ isPrimary }) => isPrimary) ?? all[0]) : undefined
    for (const monitor of all) {
      const { name, x, y, width, height } = monitor
      const id = `${server.name.replace(/\.\d+$/, '')}.${number}/${name}`
      displays.push({ index: displays.length, id, name, x, y, width, height, scaleFactor: 1, isPrimary: monitor === primary })
    }
  }
  return displays
}

/** Size of an X screen now: what the connection said at its beginning may have changed. */
export async function sizeOfXScreen(server: XServer, root: number): Promise<{ width: number; height: number }> {
  const { width, height } = await server.ask<{ readonly width: number; readonly height: number }>((callback) =>
    server.client.GetGeometry(root, callback),
  )
  return { width, height }
}

async function monitorsOf(server: XServer, root: number): Promise<readonly Monitor[]> {
  const { randr } = server
  const knows = randr !== undefined && (randr.major_version > 1 || randr.minor_version >= 5)
  const packed = knows
    ? await server.ask<PackedMonitor[]>((callback) => requestMonitors(server, randr.majorOpcode, root, callback))
    : []
  // An X screen whose monitors are unknown, or all off, is one display.
  if (packed.length === 0) return [{ name: 'screen', isPrimary: true, x: 0, y: 0, ...(await sizeOfXScreen(server, root)) }]
  const monitors: Monitor[] = []
  for (const { nameAtom, ...monitor } of packed)
    monitors.push({ ...monitor, name: await server.ask<string>((callback) => server.client.GetAtomName(nameAtom, callback)) })
  return monitors
}

type PackedMonitor = Omit<Monitor, 'name'> & { readonly nameAtom: number }

/** The library's own RandR ends before version 1.5; its requests are sent like this one. */
function requestMonitors(
  { client }: XServer,
  opcode: number,
  root: number,
  callback: (error: Error | null | undefined, monitors: PackedMonitor[]) => void,
): void {
  const request = Buffer.alloc(12)
  request.writeUInt8(opcode, 0)
  request.writeUInt8(getMonitors, 1)
  request.writeUInt16LE(3, 2)
  request.writeUInt32LE(root >>> 0, 4)
  request.writeUInt8(1, 8) // those that are on
  client.seq_num += 1
  client.pack_stream.put(request)
  client.replies[client.seq_num] = [unpackMonitors, callback as never]
  client.pack_stream.submit(true)
}

function unpackMonitors(reply: Buffer): PackedMonitor[] {
  const monitors: PackedMonitor[] = []
  let offset = 24
  for (let count = reply.readUInt32LE(4); count > 0; count -= 1) {
    monitors.push({
      nameAtom: reply.readUInt32LE(offset),
      isPrimary: reply.readUInt8(offset + 4) === 1,
      x: reply.readInt16LE(offset + 8),
      y: reply.readInt16LE(offset + 10),
      width: reply.readUInt16LE(offset + 12),
      height: reply.readUInt16LE(offset + 14),
    })
    offset += 24 + 4 * reply.readUInt16LE(offset + 6)
  }
  return monitors
}
