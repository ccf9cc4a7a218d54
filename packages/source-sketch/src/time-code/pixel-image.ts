import { expectNumber, expectObject } from '@snapmint/core/adapter'

/** A decoded picture: rows from the top without padding, one byte a channel. */
export interface PixelImage {
  /** `width × height × channels` bytes: grey, RGB or BGR, RGBA or BGRA. Borrowed for the call. */
  readonly data: Uint8Array | Uint8ClampedArray
  /** In pixels. */
  readonly width: number
  /** In pixels. */
  readonly height: number
  /** Bytes a pixel. Default: what the length of `data` says. */
  readonly channels?: 1 | 3 | 4 | undefined
}

/** Checks an image and tells its channels. */
export function expectImage(image: PixelImage): 1 | 3 | 4 {
  expectObject('image', image)
  const { data, width, height } = image
  expectNumber('width', width, { min: 1, integer: true })
  expectNumber('height', height, { min: 1, integer: true })
  if (!(data instanceof Uint8Array || data instanceof Uint8ClampedArray)) {
    throw new TypeError('Expected `data` to be a Uint8Array, a Uint8ClampedArray or a Buffer of decoded pixels')
  }
  const channels = image.channels ?? data.length / (width * height)
  if ((channels !== 1 && channels !== 3 && channels !== 4) || data.length !== width * height * channels) {
    throw new RangeError(
      `Expected \`data\` to hold ${width} × ${height} pixels of ${image.channels ?? '1, 3 or 4'} bytes, got ${data.length} bytes`,
    )
  }
  return channels
}
