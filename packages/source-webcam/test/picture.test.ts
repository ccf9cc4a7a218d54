import { describe, expect, it } from 'vitest'
import { inspectPicture } from '../src/picture.js'
import { makeBmp } from './fixtures/make-bmp.js'
import { testCard } from './fixtures/test-card.js'

describe('inspectPicture', () => {
  it('reads the size of a JPEG by fswebcam', async () => {
    expect(inspectPicture(await testCard())).toEqual({ mimeType: 'image/jpeg', width: 64, height: 48 })
  })

  it('refuses that JPEG cut off after any number of bytes', async () => {
    const card = await testCard()
    expect(card.length).toBeGreaterThan(500)
    for (let length = 0; length < card.length; length++)
      expect(inspectPicture(card.subarray(0, length)), `${length} bytes`).toBeTypeOf('string')
  })

  it('refuses that JPEG with a marker overwritten', async () => {
    const card = Buffer.from(await testCard())
    const frame = card.indexOf(Buffer.from([0xff, 0xc0]))
    expect(frame).toBeGreaterThan(0)
    card[frame] = 0
    expect(inspectPicture(card)).toBe('it is a damaged JPEG')
  })

  it('ends, and never throws, on any bytes', () => {
    for (let seed = 1; seed <= 2000; seed++) {
      const bytes = new Uint8Array(seed % 97)
      for (let state = seed, index = 0; index < bytes.length; index++) {
        state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
        bytes[index] = state >>> 24
      }
      bytes.set([0xff, 0xd8, 0xff].slice(0, bytes.length))
      expect(inspectPicture(bytes), `seed ${seed}`).toBeTypeOf('string')
      if (bytes.length > 1) bytes.set([0x42, 0x4d])
      expect(() => inspectPicture(bytes), `seed ${seed}`).not.toThrow()
    }
  })

  it('reads the size of a BMP, whichever way up, and refuses one that breaks off', () => {
    expect(inspectPicture(makeBmp(5, 3))).toEqual({ mimeType: 'image/bmp', width: 5, height: 3 })
    expect(inspectPicture(makeBmp(5, -3))).toEqual({ mimeType: 'image/bmp', width: 5, height: 3 })
    expect(inspectPicture(makeBmp(5, 3).subarray(0, 60))).toBe('it is a BMP that breaks off')
    expect(inspectPicture(makeBmp(0, 3))).toBe('it is a damaged BMP')
  })

  it('refuses what is no picture', () => {
    expect(inspectPicture(new Uint8Array())).toBe('it is empty')
    expect(inspectPicture(Buffer.from('No such file or directory'))).toBe('it is neither JPEG nor BMP')
  })
})
