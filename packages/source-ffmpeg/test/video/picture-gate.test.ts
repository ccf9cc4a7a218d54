import { describe, expect, it } from 'vitest'
import type { ReceivedUnit } from '../../src/rtsp/rtp-receiver.js'
import { avcFormat } from '../../src/video/avc-format.js'
import type { PictureAssembler } from '../../src/video/picture-assembler.js'
import { createPictureGate } from '../../src/video/picture-gate.js'

const slice = Uint8Array.of(0x41, 0x9a)
const sps = Uint8Array.of(0x67, 1)

/** A gate whose assembler takes a unit's last byte for what it is: `k`ey, `d`elta, `u`nsuitable; anything else is nothing. */
function createBench({ mayReorder = false } = {}) {
  const log: string[] = []
  let index = 0
  const assembler: PictureAssembler = {
    interrupt: () => void log.push('interrupt'),
    assemble(units) {
      const kind = String.fromCharCode(units.at(-1)?.at(-1) ?? 0)
      if (kind === 'u') return { unsuitable: 'it is so' }
      if (kind !== 'k' && kind !== 'd') return undefined
      const type = kind === 'k' ? 'key' : 'delta'
      return { data: new Uint8Array(1), type, codec: 'avc1.42c01e', codedWidth: 2, codedHeight: 2, mayReorder }
    },
  }
  const gate = createPictureGate({
    format: avcFormat,
    assembler,
    clockRate: 90_000,
    onPicture: ({ picture, mediaMs }) => void log.push(`${picture.type} ${mediaMs}`),
    onUnsuitable: (reason) => void log.push(reason),
    onLeftOut: () => void log.push('left out'),
    onWhole: () => void log.push('whole'),
    onKeyless: () => void log.push('keyless'),
  })
  return {
    log,
    gate,
    take(kind: string, condition: ReceivedUnit['condition'] = 'whole', before: readonly Uint8Array[] = []): void {
      const unit = Uint8Array.of(...slice, kind.charCodeAt(0))
      gate.take({ units: [...before, unit], condition, timestamp: 3600 * index++, arrival: 0 })
    },
  }
}

describe('a picture gate', () => {
  it('lets nothing pass before the first key', () => {
    const { log, take } = createBench()
    for (const kind of ['x', 'd', 'k', 'd']) take(kind)
    expect(log).toEqual(['keyless', 'interrupt', 'whole', 'key 80', 'delta 120'])
  })

  it('lets nothing pass between a loss and the next key', () => {
    const { log, take } = createBench()
    take('k')
    take('d')
    take('d', 'damaged')
    take('d')
    take('d', 'after-loss')
    take('k')
    take('d')
    expect(log.filter((line) => line !== 'interrupt')).toEqual([
      'whole',
      'key 0',
      'delta 40',
      'left out',
      'left out',
      'left out',
      'whole',
      'key 200',
      'delta 240',
    ])
  })

  it('takes a key right after a loss if it shows that its beginning is there', () => {
    const { log, take } = createBench()
    take('k', 'after-loss', [sps])
    take('d', 'damaged')
    take('k', 'after-loss')
    expect(log.at(-1)).toBe('left out')
    take('k', 'after-loss', [sps])
    expect(log.at(-1)).toBe('key 120')
  })

  it('takes a key at the start of a stream whose parameter sets do not come with it', () => {
    const { log, take } = createBench()
    take('k', 'after-loss')
    expect(log.at(-1)).toBe('key 0')
  })

  it('holds the first pictures back until they have shown in which order they come', () => {
    const { log, take } = createBench({ mayReorder: true })
    take('k')
    for (let count = 0; count < 4; count++) take('d')
    expect(log).toEqual(['whole'])
    take('d')
    expect(log.slice(1)).toEqual(['key 0', 'delta 40', 'delta 80', 'delta 120', 'delta 160', 'delta 200'])
    take('d')
    expect(log).toHaveLength(8)
  })

  it('says what cannot be kept before it has let anything pass, where it shows soon', () => {
    const { log, take } = createBench({ mayReorder: true })
    take('k')
    take('d')
    take('u')
    expect(log).toEqual(['whole', 'it is so'])
  })

  it('lets what it holds back pass at the end', () => {
    const { log, take, gate } = createBench({ mayReorder: true })
    take('k')
    gate.end()
    expect(log).toEqual(['whole', 'key 0'])
  })
})
