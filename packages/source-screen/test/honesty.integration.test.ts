import { expect, it } from 'vitest'
import type { ScreenSourceOptions } from '../src/index.js'
import { useEnvironment } from './fixtures/environment.js'
import { decode, isNear, startReading } from './fixtures/frames.js'
import { sourceOf } from './fixtures/in-child.js'
import { openXClient } from './fixtures/x-client.js'
import { useXServer } from './fixtures/x-server.js'

const green = 0x20c040
const MOVES = 12

/** Where the window is moved to in turn. */
const place = (move: number) => ({ x: 40 + (move % 4) * 140, y: 30 + (move % 3) * 120 })

const engines: ScreenSourceOptions[] = [
  { engine: 'ffmpeg', frameRate: 30 },
  { engine: 'native', frameRate: 30 },
]

it.each(engines)('shows a window that moves where it was at captureTime: $engine', { timeout: 90_000 }, async (options) => {
  const server = await useXServer()
  useEnvironment({ DISPLAY: server.display, XDG_SESSION_TYPE: 'x11' })
  const client = await openXClient(server.display)
  const window = await client.openWindow({ ...place(0), colour: green, text: 'Snapmint' })
  const run = startReading(sourceOf(options))
  await run.until(({ length }) => length >= 3)

  const moves: { before: number; after: number }[] = []
  for (let move = 1; move <= MOVES; move += 1) {
    moves.push(await window.moveTo(place(move).x, place(move).y))
    const { after } = moves.at(-1)!
    await run.until((frames) => frames.filter(({ captureTime }) => captureTime > after).length >= 3)
  }
  await run.stop()

  let sooner = 0
  for (const frame of run.frames) {
    const picture = decode(frame)
    const shown = Array.from({ length: MOVES + 1 }, (_, move) => move).filter((move) => {
      const { x, y } = place(move)
      return isNear(picture.at(x + 60, y + 60), green) && isNear(picture.at(x + 3, y + 3), green)
    })
    // Moves whose end the server had confirmed before the picture was begun, and moves that had been asked for by then.
    const done = moves.filter(({ after }) => after < frame.captureTime).length
    const begun = moves.filter(({ before }) => before < frame.captureTime).length
    const cells = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, offset) => place(from + offset))
    // The same place comes again after twelve moves only, so a picture tells the move.
    expect(new Set(cells(0, MOVES - 1).map(({ x, y }) => `${x},${y}`)).size).toBe(MOVES)
    const move = shown.find((candidate) => candidate >= done)
    expect(move, `the frame of ${frame.captureTime} shows move ${shown}, ${done} were done and ${begun} begun`).toBeDefined()
    if (move! > begun) sooner += 1
    // What happens while the screen is being read may be in the picture already: the next move, but never one after that.
    expect(move!).toBeLessThanOrEqual(begun + 1)
  }
  // Such a picture comes before a move, so there are no more of them than moves; nearly always there is none.
  expect(sooner).toBeLessThanOrEqual(MOVES / 2)
})
