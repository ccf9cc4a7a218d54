const maxHeld = 32
const maxWaitMs = 100
const maxDistance = 512

interface HeldPacket {
  readonly sequence: number
  readonly bytes: Buffer
  readonly at: number
}

/**
 * Puts datagrams that overtook each other in order: one that comes early waits for those before it, but not long.
 * @param onPacket called in order of sequence numbers, losses and late ones left out.
 */
export function createReorderBuffer(onPacket: (bytes: Buffer) => void) {
  const held: HeldPacket[] = []
  let next: number | undefined

  const distance = (sequence: number) => ((sequence - (next ?? sequence)) << 16) >> 16

  function pass({ sequence, bytes }: HeldPacket): void {
    next = (sequence + 1) & 0xffff
    onPacket(bytes)
  }

  function passReady(now: number): void {
    for (let head = held[0]; head !== undefined; head = held[0]) {
      if (distance(head.sequence) > 0 && held.length <= maxHeld && now - head.at < maxWaitMs) return
      held.shift()
      if (distance(head.sequence) >= 0) pass(head)
    }
  }

  /** Far away is no disorder: the sender has begun anew. */
  function restart(packet: HeldPacket): void {
    for (const waiting of held.splice(0)) onPacket(waiting.bytes)
    pass(packet)
  }

  function hold(packet: HeldPacket, ahead: number): void {
    const place = held.findIndex(({ sequence }) => distance(sequence) >= ahead)
    if (place >= 0 && held[place]?.sequence === packet.sequence) return
    held.splice(place < 0 ? held.length : place, 0, packet)
  }

  return {
    /** Takes one RTP packet, which it may keep. */
    take(bytes: Buffer, now: number): void {
      if (bytes.length < 12) return
      const packet = { sequence: bytes.readUInt16BE(2), bytes, at: now }
      next ??= packet.sequence
      const ahead = distance(packet.sequence)
      if (ahead === 0) pass(packet)
      else if (Math.abs(ahead) > maxDistance) restart(packet)
      else if (ahead > 0) hold(packet, ahead)
      passReady(now)
    },
  }
}
