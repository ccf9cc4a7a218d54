/** Entry of the capture worker. */
export { sketchSource as default } from './sketch-source.js'
