import { describe, expect, it } from 'vitest'
import { listDisplays, listWindows, screenSource } from '../src/index.js'
import { useEnvironment } from './fixtures/environment.js'
import { decode, firstPicture, isNear, startReading } from './fixtures/frames.js'
import { sourceOf } from './fixtures/in-child.js'
import { openXClient } from './fixtures/x-client.js'
import { useXServer } from './fixtures/x-server.js'

const green = 0x20c040
const blue = 0x2040c0
const red = 0xff0000
const black = 0

describe('screenSource on X11', () => {
  it.each(['ffmpeg', 'native'] as const)('captures the whole display with what is drawn on it: %s', async (engine) => {
    const server = await useXServer()
    useEnvironment({ DISPLAY: server.display })
    const client = await openXClient(server.display)
    await client.openWindow({ x: 100, y: 50, width: 200, height: 100, colour: green, text: 'The quick brown fox' })

    const picture = await firstPicture(sourceOf({ engine }))
    expect([picture.width, picture.height]).toEqual([640, 480])
    expect(isNear(picture.at(290, 140), green)).toBe(true)
    expect(isNear(picture.at(50, 240), black)).toBe(true)
    // The window's area, less what is written on it.
    const letters = 200 * 100 - picture.count(green)
    expect(letters).toBeGreaterThan(200)
    expect(letters).toBeLessThan(4000)
  })

  it.each(['ffmpeg', 'native'] as const)('captures a region, pixel by pixel: %s', async (engine) => {
    const server = await useXServer()
    useEnvironment({ DISPLAY: server.display })
    const client = await openXClient(server.display)
    await client.openWindow({ x: 101, y: 51, width: 33, height: 17, colour: green })
    await client.openWindow({ x: 134, y: 51, width: 33, height: 17, colour: blue })

    const picture = await firstPicture(sourceOf({ engine, region: { x: 101, y: 51, width: 66, height: 17 }, quality: 100 }))
    expect([picture.width, picture.height]).toEqual([66, 17])
    for (const [x, colour] of [
      [0, green],
      [32, green],
      [33, blue],
      [65, blue],
    ] as const)
      for (const y of [0, 16]) expect(isNear(picture.at(x, y), colour, 24)).toBe(true)
  })

  it('draws the pointer only when asked to, and where it is', async () => {
    const server = await useXServer()
    const client = await openXClient(server.display)
    await client.openWindow({ x: 0, y: 0, width: 640, height: 480, colour: green, redPointer: true })
    await client.movePointer(200, 150)

    const without = await firstPicture(screenSource({ display: server.display }))
    expect(without.count(red)).toBe(0)
    const run = startReading(screenSource({ display: server.display, cursor: true, frameRate: 20 }))
    await run.until(({ length }) => length >= 1)
    expect(isNear(decode(run.frames[0]!).at(200, 150), red, 60)).toBe(true)
    await client.movePointer(400, 300)
    const seen = run.frames.length
    await run.until(({ length }) => length >= seen + 4)
    await run.stop()
    const moved = decode(run.frames.at(-1)!)
    expect(isNear(moved.at(400, 300), red, 60)).toBe(true)
    expect(isNear(moved.at(200, 150), green)).toBe(true)
  })

  it.each(['ffmpeg', 'native'] as const)('delivers frames at the rate though nothing changes: %s', async (engine) => {
    const server = await useXServer()
    useEnvironment({ DISPLAY: server.display })
    const run = startReading(sourceOf({ engine, frameRate: 20 }))
    await run.until(({ length }) => length >= 21)
    await run.stop()
    const times = run.frames.slice(0, 21).map(({ captureTime }) => captureTime)
    // At most the rate; how much less depends on how busy the machine is.
    expect(times.at(-1)! - times[0]!).toBeGreaterThan(19 * 50 - 25)
  })

  it('gives its first frame within about a second at the lowest rate', async () => {
    const server = await useXServer()
    const picture = await firstPicture(screenSource({ display: server.display, frameRate: 0.1 }))
    expect(picture.width).toBe(640)
  }, 9_000)

  it.each(['ffmpeg', 'native'] as const)('makes larger files at a higher quality: %s', async (engine) => {
    const server = await useXServer()
    useEnvironment({ DISPLAY: server.display })
    const client = await openXClient(server.display)
    for (let line = 0; line < 12; line += 1)
      await client.openWindow({
        x: 20 * line,
        y: 40 * line,
        width: 300,
        height: 30,
        colour: 0xffffff - line * 0x081004,
        text: 'Pack my box with five dozen jugs',
      })
    const sizes: number[] = []
    for (const quality of [1, 30, 60, 80, 100]) {
      const run = startReading(sourceOf({ engine, quality, frameRate: 10 }))
      await run.until(({ length }) => length > 0)
      await run.stop()
      sizes.push(run.frames[0]!.data.byteLength)
    }
    expect(sizes).toEqual([...sizes].sort((a, b) => a - b))
    expect(sizes[4]! / sizes[0]!).toBeGreaterThan(2)
  })
})

describe('displays', () => {
  it('lists every X screen and every monitor, and captures the one that is named', async () => {
    const server = await useXServer({ screens: ['640x480', '320x200'] })
    const [first, second] = [await openXClient(`${server.display}.0`), await openXClient(`${server.display}.1`)]
    await first.setMonitors([
      { name: 'left', x: 0, y: 0, width: 400, height: 480 },
      { name: 'right', x: 400, y: 0, width: 240, height: 480, primary: true },
      { name: 'corner', x: 300, y: 380, width: 100, height: 100 },
    ])
    await first.openWindow({ x: 310, y: 390, width: 90, height: 90, colour: red })
    await first.openWindow({ x: 400, y: 0, width: 240, height: 480, colour: green })
    await second.openWindow({ x: 0, y: 0, width: 320, height: 200, colour: blue })

    const displays = await listDisplays({ display: server.display })
    expect(displays.map(({ index, name, width, isPrimary }) => [index, name, width, isPrimary])).toEqual([
      [0, 'right', 240, true],
      [1, 'left', 400, false],
      [2, 'corner', 100, false],
      [3, 'screen', 320, false],
    ])
    expect(displays.map(({ id }) => id)).toEqual([
      `${server.display}.0/right`,
      `${server.display}.0/left`,
      `${server.display}.0/corner`,
      `${server.display}.1/screen`,
    ])

    const right = await firstPicture(screenSource({ display: displays[0]!.id }))
    expect([right.width, right.height, right.count(green)]).toEqual([240, 480, 240 * 480])
    const left = await firstPicture(screenSource({ display: displays[1]!.id }))
    expect([left.width, left.count(black)]).toEqual([400, 400 * 480 - 90 * 90])
    const other = await firstPicture(screenSource({ display: displays[3]!.id }))
    expect([other.width, other.height, other.count(blue)]).toEqual([320, 200, 320 * 200])
    const whole = await firstPicture(screenSource({ display: server.display }))
    expect([whole.width, whole.count(green)]).toEqual([640, 240 * 480])

    useEnvironment({ DISPLAY: server.display })
    for (const engine of ['ffmpeg', 'native'] as const) {
      expect((await firstPicture(sourceOf({ engine, display: 1 }))).width).toBe(400)
      const region = { x: 0, y: 0, width: 50, height: 100 }
      // Of the left one's 400 columns, from the 300th on: ten black ones, then the red window.
      const part = await firstPicture(sourceOf({ engine, display: 'corner', region, quality: 95 }))
      expect([part.width, part.height, part.count(black)]).toEqual([50, 100, 100 * 10 + 10 * 40])
    }
    expect((await firstPicture(screenSource())).width, 'the primary one').toBe(240)
    expect((await firstPicture(screenSource({ display: 3 }))).count(blue)).toBe(320 * 200)
  })
})

describe('windows', () => {
  it('lists those that can be seen and have a title, also within a window manager’s frame', async () => {
    const server = await useXServer()
    const client = await openXClient(server.display)
    const frame = await client.openWindow({ x: 200, y: 100, width: 220, height: 150, colour: 0x808080 })
    const inner = await client.openWindow({
      x: 10,
      y: 30,
      width: 200,
      height: 110,
      colour: green,
      title: 'Grüße – 画面',
      parent: frame.id,
    })
    const hidden = await client.openWindow({ x: 0, y: 0, colour: blue, title: 'hidden' })
    await hidden.hide()
    expect(await listWindows({ display: server.display })).toEqual([
      { id: inner.id, title: 'Grüße – 画面', x: 210, y: 130, width: 200, height: 110 },
    ])
  })

  it('captures one by its title or its id, follows it when it moves, and can take a part of it', async () => {
    const server = await useXServer()
    const client = await openXClient(server.display)
    const window = await client.openWindow({ x: 50, y: 60, width: 100, height: 70, colour: green, title: 'Editor – notes.txt' })
    await client.openWindow({ x: 300, y: 300, width: 90, height: 60, colour: blue, title: 'Player' })

    const { display } = server
    const run = startReading(screenSource({ display, window: { title: 'notes.TXT' }, frameRate: 20 }))
    await run.until(({ length }) => length >= 2)
    await window.moveTo(400, 10)
    const seen = run.frames.length
    await run.until(({ length }) => length >= seen + 5)
    await run.stop()
    for (const frame of run.frames) {
      const picture = decode(frame)
      expect([picture.width, picture.height, picture.count(green)]).toEqual([100, 70, 7000])
    }
    const part = await firstPicture(
      screenSource({ display, window: { id: window.id }, region: { x: 90, y: 60, width: 10, height: 10 } }),
    )
    expect([part.width, part.count(green)]).toEqual([10, 100])
  })
})
