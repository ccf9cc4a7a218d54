/** The part of node-webcam 0.8.2 that is used here. The package brings no types. */
declare module 'node-webcam' {
  interface Webcam {
    readonly bin: string
    /** The command line for one shot, for a shell. */
    generateSh(location: string): string
  }
  interface WebcamOptions {
    readonly width?: number | undefined
    readonly height?: number | undefined
    readonly quality?: number | undefined
    readonly output: 'jpeg' | 'bmp'
    /** Seconds. */
    readonly delay?: number | undefined
    readonly rotation?: number | undefined
    readonly skip?: number | undefined
    readonly device?: string | undefined
    readonly verbose: boolean
  }
  const nodeWebcam: { readonly Factory: { create(options: WebcamOptions, platform: string): Webcam } }
  export default nodeWebcam
}
