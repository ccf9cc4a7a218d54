/**
 * A JPEG file's colours are those of ITU-R BT.601 in the full range (JFIF 1.02), whatever the video's are. FFmpeg would convert the range by itself, but not the matrix.
 * Then one of the encoder's pixel formats is chosen.
 */
export const jpegColors = 'scale=out_color_matrix=bt601:out_range=full'

/** Maps a quality from 1 to 100 onto the scale of FFmpeg's JPEG encoder, 31 to 2. */
export const jpegScale = (quality: number): string => (2 + (29 * (100 - quality)) / 99).toFixed(1)
