export { type ListScreensOptions, listDisplays, listWindows } from './list-displays.js'
export { screenSource } from './screen-source.js'
export type { ScreenEngine, ScreenRegion, ScreenSourceOptions, ScreenWindowChoice } from './screen-source-options.js'
export type { ScreenDisplay, ScreenWindow } from './target/screen-display.js'
