import { describe, expect, it, vi } from 'vitest'
import { prepareCamera } from '../src/prepare-camera.js'
import { UserError } from '../src/user-error.js'

const camera = { device: 0, fourcc: undefined }

describe('prepareCamera', () => {
  it('builds nothing for test pictures', async () => {
    const setUp = vi.fn(async () => false)
    await prepareCamera({ camera: 'mock' }, setUp)
    expect(setUp).not.toHaveBeenCalled()
  })

  it('sees to it that OpenCV is there for a camera', async () => {
    const setUp = vi.fn(async () => true)
    await prepareCamera({ camera }, setUp)
    expect(setUp).toHaveBeenCalledOnce()
  })

  it('says what to do where it cannot be', async () => {
    const failing = prepareCamera({ camera }, async () => false)
    await expect(failing).rejects.toBeInstanceOf(UserError)
    await expect(failing).rejects.toThrow(/`npm run setup` installs .* IS_MOCK=True$/)
  })
})
