/** Entry of the capture worker and of the forked child. */
export { screenSource as default } from './screen-source.js'
