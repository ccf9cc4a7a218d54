export { ffmpegSource } from './ffmpeg-source.js'
export type { FfmpegSourceOptions } from './ffmpeg-source-options.js'
