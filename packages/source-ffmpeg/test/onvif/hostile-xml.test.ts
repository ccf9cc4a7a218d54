import { describe, expect, it } from 'vitest'
import { createHostileXmlCheck } from '../../src/onvif/hostile-xml.js'
import { probeMatches } from './discovery-responder.js'

describe('createHostileXmlCheck', () => {
  it('lets answers pass, in whatever pieces they come', () => {
    const answer = `${probeMatches({ id: 'urn:uuid:1' })}\n`.repeat(20)
    for (const size of [1, 7, 64, 5000]) {
      const check = createHostileXmlCheck()
      for (let offset = 0; offset < answer.length; offset += size) expect(check(answer.slice(offset, offset + size))).toBe(false)
    }
  })

  it('notices text that costs the library the square of its length, in whatever pieces it comes', () => {
    for (const size of [1, 7, 64, 5000]) {
      const check = createHostileXmlCheck()
      let found = false
      for (let sent = 0; sent < 20_000; sent += size) found = check('xmlns'.repeat(4000).slice(sent, sent + size))
      expect(found, `pieces of ${size}`).toBe(true)
    }
  })
})
