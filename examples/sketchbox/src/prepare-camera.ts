import { exclusively } from '../../../scripts/lib/exclusive.mjs'
import { setUpOpencv } from '../../../scripts/lib/opencv.mjs'
import type { SketchboxConfig } from './config/config.js'
import { UserError } from './user-error.js'

/**
 * Builds OpenCV's native part, if a camera is to be read and it is not there yet: minutes, once.
 *
 * @param setUp tells whether it is there now.
 * @throws UserError when it is not.
 */
export async function prepareCamera(
  { camera }: Pick<SketchboxConfig, 'camera'>,
  setUp: () => Promise<boolean> = () => exclusively(setUpOpencv, 'opencv'),
): Promise<void> {
  if (camera === 'mock' || (await setUp())) return
  throw new UserError(
    'The camera cannot be read without OpenCV: `npm run setup` installs what it takes on Debian and Ubuntu. Without a camera: IS_MOCK=True',
  )
}
