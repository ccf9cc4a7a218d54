/** What `read` returns; undefined where the NAL unit that it reads ends too early. */
export function withinUnit<Value>(read: () => Value): Value | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}
