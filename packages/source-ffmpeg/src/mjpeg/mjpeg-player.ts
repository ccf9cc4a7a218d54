import { NeedsFfmpeg } from '../needs-ffmpeg.js'
import type { Player, PlayerOptions } from '../player.js'

export function createMjpegPlayer(_options: PlayerOptions): Player {
  return {
    async next() {
      throw new NeedsFfmpeg('it is not built yet')
    },
    async stop() {},
  }
}
