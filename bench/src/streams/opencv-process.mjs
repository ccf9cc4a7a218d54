import { createRequire } from 'node:module'

/*
 * The loop that people write with OpenCV: read a picture, encode it, keep it. Run with an input; says `ready` at the first picture, answers each message with how many there were, and
 * exits with 3 where the native module is missing, with 0 where only that was asked for, without an input.
 */

process.env.OPENCV4NODEJS_DISABLE_EXTERNAL_MEM_TRACKING = '1'
process.env.OPENCV_FFMPEG_CAPTURE_OPTIONS = 'rtsp_transport;tcp'
process.env.OPENCV_VIDEOIO_PRIORITY_LIST = 'FFMPEG'
// It joins in the middle of a group of pictures, and says so.
process.env.OPENCV_FFMPEG_LOGLEVEL = '-8'

function loadOpencv() {
  try {
    const folder = '../../../packages/source-opencv/node_modules/@u4/opencv4nodejs/build/Release'
    return createRequire(import.meta.url)(`${folder}/opencv4nodejs.node`)
  } catch (error) {
    console.error(String(error))
    return process.exit(3)
  }
}

const cv = loadOpencv()
if (process.argv[2] === undefined) process.exit()
const capture = new cv.VideoCapture(process.argv[2])
const parameters = [cv.IMWRITE_JPEG_QUALITY, 90]
/** @type {Buffer[]} */
const kept = []
let pictures = 0

function next() {
  const picture = capture.read()
  if (picture.empty) {
    console.error('OpenCV lost the stream')
    process.exit(1)
  }
  kept[pictures % 300] = cv.imencode('.jpg', picture, parameters)
  picture.release()
  pictures += 1
  if (pictures === 1) process.send?.('ready')
  setImmediate(next)
}

process.on('message', () => process.send?.({ pictures }))
process.on('disconnect', () => process.exit())
next()
