import { expect, it } from 'vitest'
import { openXServer } from '../../src/x11/open-x-server.js'
import { resolveXTarget, watchXTarget } from '../../src/x11/x-target.js'
import { openXClient } from '../fixtures/x-client.js'
import { useXServer } from '../fixtures/x-server.js'

it.each([
  ['resize', /window "Editor" has changed its size to 200×120/],
  ['hide', /window "Editor" was closed or hidden/],
  ['close', /window "Editor" was closed or hidden/],
] as const)('notices a window that was told to %s after it was found and before it was watched', async (act, message) => {
  const { display } = await useXServer()
  const client = await openXClient(display)
  const window = await client.openWindow({ x: 10, y: 10, colour: 0x20c040, title: 'Editor' })
  const server = await openXServer(display, new AbortController().signal)
  const options = { display, window: { title: 'Editor' }, region: undefined }
  const target = await resolveXTarget(server, options)
  await (act === 'resize' ? window.resize(200, 120) : window[act]())
  const error = await new Promise<Error>((resolve) => watchXTarget(server, options, target, resolve))
  server.close()
  expect(error).toMatchObject({ code: 'SNAPMINT_SOURCE_ENDED', message: expect.stringMatching(message) })
})
