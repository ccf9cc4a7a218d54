import { ffmpegSource } from './ffmpeg-source.js'

export default ffmpegSource
