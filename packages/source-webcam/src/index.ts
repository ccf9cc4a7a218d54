export { type ListWebcamsOptions, listWebcams, type Webcam } from './list-webcams.js'
export type { WebcamTool } from './webcam-command.js'
export { webcamSource } from './webcam-source.js'
export type { WebcamSourceOptions } from './webcam-source-options.js'
