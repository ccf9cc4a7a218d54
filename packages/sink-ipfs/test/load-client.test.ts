import { describe, expect, it } from 'vitest'
import { ipfsSink } from '../src/ipfs-sink.js'
import { apiUrl } from '../src/load-client.js'
import { createIpfsDouble } from './double/ipfs-double.js'
import { contextOf, makePicture } from './fixtures/make-picture.js'

describe('the address of a node', () => {
  it('may have the path of the API or not, and a slash at its end', async () => {
    const double = await createIpfsDouble()
    for (const [index, end] of ['', '/', '/api/v0', '/api/v0/'].entries()) {
      const media = makePicture(index)
      await ipfsSink({ url: `${double.url}${end}` }).put(media, contextOf(media))
    }
    expect(double.pins.size).toBe(4)
    await double.close()
  })

  it("may have a proxy's path before", () => {
    expect(apiUrl('https://node.example/kubo/')).toBe('https://node.example/kubo/api/v0')
  })
})
