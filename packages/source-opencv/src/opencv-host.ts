import { opencvSource } from './opencv-source.js'

export default opencvSource
