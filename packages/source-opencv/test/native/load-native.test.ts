import { describe, expect, it } from 'vitest'
import { loadNative, type NativeLoader } from '../../src/native/load-native.js'

const loader: NativeLoader = {
  resolve: () => '/app/node_modules/@u4/opencv4nodejs/cjs/lib/opencv4nodejs.js',
  exists: () => true,
  load: () => ({ VideoCapture: class {}, imencodeAsync: () => {} }),
  isMainThread: true,
}
const failing = (message: string) => () => {
  throw new Error(message)
}
const errorOf = (changes: Partial<NativeLoader>) => {
  try {
    loadNative({ ...loader, ...changes })
  } catch (error) {
    return error as { code: string; retryable: boolean; message: string }
  }
}

describe('loadNative', () => {
  it('loads the compiled part itself, past the JavaScript around it', () => {
    const loaded: string[] = []
    const exists = (path: string) => path.includes('Release')
    loadNative({ ...loader, exists, load: (path) => [loaded.push(path), loader.load(path)].at(-1) })
    expect(loaded).toEqual(['/app/node_modules/@u4/opencv4nodejs/build/Release/opencv4nodejs.node'])
  })

  it.each([
    ['the package is not installed', { resolve: failing('Cannot find module') }, ['npm install @u4/opencv4nodejs']],
    ['its native part was never built', { exists: () => false }, ['not built', 'npm rebuild @u4/opencv4nodejs', 'allowBuilds']],
    [
      'it was built for another Node.js',
      { load: failing('was compiled against a different Node.js version using NODE_MODULE_VERSION 108') },
      ['another version of Node.js', process.version, 'OPENCV4NODEJS_DISABLE_AUTOBUILD=1 npm rebuild @u4/opencv4nodejs'],
    ],
    [
      'it was built for another Node.js, and says so otherwise',
      { load: failing('Module did not self-register') },
      ['another version of Node.js'],
    ],
    [
      'OpenCV itself is missing',
      { load: failing('libopencv_videoio.so.406: cannot open shared object file: No such file or directory') },
      ['does not find OpenCV (libopencv_videoio.so.406)', 'libopencv-dev', 'brew install opencv'],
    ],
    ['it fails to load in any other way', { load: failing('invalid ELF header') }, ['cannot be loaded', 'invalid ELF header']],
    ['it was built without video', { load: () => ({ imencodeAsync: () => {} }) }, ['videoio', 'npm rebuild @u4/opencv4nodejs']],
  ])('names what to install and how when %s', (_what, changes, words) => {
    const error = errorOf(changes)
    expect(error).toMatchObject({ code: 'SNAPMINT_MISSING_DEPENDENCY', retryable: false, adapter: 'opencv' })
    for (const word of words) expect(error?.message).toContain(word)
  })

  it('names the npm package and those of apt and brew in one message when there is nothing', () => {
    const { message = '' } = errorOf({ resolve: failing('Cannot find module') }) ?? {}
    for (const word of ['@u4/opencv4nodejs', 'apt install build-essential python3 libopencv-dev', 'brew install opencv'])
      expect(message).toContain(word)
  })

  it('refuses a worker thread before it loads anything', () => {
    const error = errorOf({ isMainThread: false, load: failing('loaded') })
    expect(error).toMatchObject({ code: 'SNAPMINT_SOURCE_FAILED', retryable: false })
  })
})
