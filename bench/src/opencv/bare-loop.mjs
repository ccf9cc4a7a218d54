import { createRequire } from 'node:module'

// Forked: what one writes without an adapter. Reads and encodes one picture after the other and tells how many a second it made.

const { addon, video, quality } = JSON.parse(process.argv[2])
const native = createRequire(import.meta.url)(addon)
const ffmpeg = 1900
const jpegQuality = 1

const promise = (call) => new Promise((resolve, reject) => call((error, value) => (error ? reject(error) : resolve(value))))

const capture = new native.VideoCapture(video, ffmpeg)
let frames = 0
let begun = 0
let ended = 0
for (;;) {
  const mat = await promise((done) => capture.readAsync(done))
  if (mat.empty) break
  await promise((done) => native.imencodeAsync('.jpg', mat, [jpegQuality, quality], done))
  mat.release()
  ended = performance.now()
  if (frames++ === 0) begun = ended
}
process.send({ frames, framesPerSecond: ((frames - 1) * 1000) / (ended - begun) })
process.disconnect()
