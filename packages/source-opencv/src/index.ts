export { type Camera, type ListCamerasOptions, listCameras } from './cameras/list-cameras.js'
export { opencvSource } from './opencv-source.js'
export type { OpencvBackend, OpencvSourceOptions } from './opencv-source-options.js'
