import type { ImageMimeType } from '@snapmint/core/adapter'

export interface PictureFacts {
  readonly mimeType: ImageMimeType
  readonly width: number
  readonly height: number
}

/** Looks at a JPEG or BMP file: what it is, or what is wrong with it. Pixels are not decoded. */
export function inspectPicture(data: Uint8Array): PictureFacts | string {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  if (data.length === 0) return 'it is empty'
  if (data.length > 2 && view.getUint16(0) === 0xffd8) return inspectJpeg(view)
  if (data.length > 2 && view.getUint16(0) === 0x424d) return inspectBmp(view)
  return 'it is neither JPEG nor BMP'
}

/** Marker segments from SOI up to the first scan (ITU-T T.81, annex B), and EOI as the last two bytes. */
function inspectJpeg(view: DataView): PictureFacts | string {
  const truncated = 'it is a JPEG that breaks off'
  let size: Omit<PictureFacts, 'mimeType'> | undefined
  for (let offset = 2; ; ) {
    if (offset + 4 > view.byteLength) return truncated
    if (view.getUint8(offset) !== 0xff) return 'it is a damaged JPEG'
    const marker = view.getUint8(offset + 1)
    if (marker === 0xff) {
      offset += 1
      continue
    }
    if (marker === 0xda) break
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
    if (isFrame) {
      if (offset + 9 > view.byteLength) return truncated
      size = { width: view.getUint16(offset + 7), height: view.getUint16(offset + 5) }
    }
    offset += 2 + view.getUint16(offset + 2)
  }
  if (size === undefined || size.width === 0 || size.height === 0) return 'it is a damaged JPEG'
  if (view.getUint16(view.byteLength - 2) !== 0xffd9) return truncated
  return { mimeType: 'image/jpeg', ...size }
}

/** BITMAPFILEHEADER, then BITMAPINFOHEADER; a negative height means that the first row is the top. */
function inspectBmp(view: DataView): PictureFacts | string {
  if (view.byteLength < 54 || view.getUint32(2, true) > view.byteLength) return 'it is a BMP that breaks off'
  const width = view.getInt32(18, true)
  const height = Math.abs(view.getInt32(22, true))
  if (width <= 0 || height === 0 || view.getUint32(10, true) >= view.byteLength) return 'it is a damaged BMP'
  return { mimeType: 'image/bmp', width, height }
}
