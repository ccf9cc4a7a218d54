/** Entry of the capture worker. */
export { webcamSource as default } from './webcam-source.js'
