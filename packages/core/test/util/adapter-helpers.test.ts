import { afterEach, describe, expect, it, vi } from 'vitest'
import { bounded, expectBoolean, expectHttpUrl, isHeaderText, orAborted } from '../../src/adapter.js'

afterEach(() => void vi.useRealTimers())

describe('options', () => {
  it('takes true and false, and says what it got instead', () => {
    for (const value of [true, false]) expect(() => expectBoolean('verify', value)).not.toThrow()
    expect(() => expectBoolean('verify', 'yes')).toThrow(
      new TypeError('Expected `verify` to be true or false, got `"yes"` (string)'),
    )
    expect(() => expectBoolean('verify', undefined)).toThrow('got `undefined` (undefined)')
  })

  it.each(['https://store.example', 'http://127.0.0.1:5001/api/v0/'])('takes the address %s', (url) => {
    expect(() => expectHttpUrl('url', url)).not.toThrow()
  })

  it.each([
    'ftp://s3cret.example',
    's3cret',
    'https://u:s3cret@store.example',
    'https://store.example/?key=s3cret',
    'https://a/#s3cret',
  ])('refuses the address %s without showing it', (url) => {
    const fail = () => expectHttpUrl('url', url)
    expect(fail).toThrow(/^Expected `url` to be a URL with/)
    expect(fail).not.toThrow(/s3cret/)
  })

  it('knows what can be sent in a header as it is', () => {
    expect(['a', 'Bearer a b', '~!'].every(isHeaderText)).toBe(true)
    expect(['', ' a', 'a ', 'a\nb', 'ü', 7, undefined].some(isHeaderText)).toBe(false)
  })
})

describe('calls', () => {
  const timeoutError = () => new Error('too late')

  it('gives work up that takes too long, and tells it', async () => {
    vi.useFakeTimers()
    let told: unknown
    const { signal } = new AbortController()
    const call = bounded((aborted) => new Promise(() => aborted.addEventListener('abort', () => (told = aborted.reason))), {
      ...{ signal, timeoutMs: 1_000, timeoutError },
    })
    const failure = call.catch((error: unknown) => error)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(await failure).toEqual(timeoutError())
    expect(told).toEqual(timeoutError())
  })

  it('gives work that gets on its time anew', async () => {
    vi.useFakeTimers()
    const { signal } = new AbortController()
    let getOn = () => {}
    let finish = (_value: string) => {}
    const work = (_signal: AbortSignal, progress: () => void) => {
      getOn = progress
      return new Promise<string>((resolve) => (finish = resolve))
    }
    const call = bounded(work, { signal, timeoutMs: 1_000, timeoutError })
    for (let second = 0; second < 5; second++) {
      await vi.advanceTimersByTimeAsync(900)
      getOn()
    }
    finish('done')
    expect(await call).toBe('done')
  })

  it('ends with the reason of an abort, before and during the work', async () => {
    const controller = new AbortController()
    const call = orAborted(new Promise(() => {}), controller.signal).catch((error: unknown) => error)
    controller.abort('enough')
    expect(await call).toBe('enough')
    const work = vi.fn(() => 'never')
    await expect(bounded(work, { signal: controller.signal, timeoutMs: 1_000, timeoutError })).rejects.toBe('enough')
    expect(work).not.toHaveBeenCalled()
  })
})
