import { after } from 'node:test'
import { ffmpegTests } from './ffmpeg.js'
import { closeRunningCameras } from './lib/running-camera.js'
import { sideBySide } from './lib/suite.js'
import { opencvTests } from './opencv.js'
import { unplugTests } from './unplug.js'
import { webcamTests } from './webcam.js'

sideBySide(() => {
  ffmpegTests()
  opencvTests()
  webcamTests()
})
unplugTests()
after(closeRunningCameras)
