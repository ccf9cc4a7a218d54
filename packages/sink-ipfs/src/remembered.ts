/** A map that forgets what was asked for longest ago, once it has `max` entries. */
export function createRemembered<Value>(max: number) {
  const values = new Map<string, Value>()
  return {
    get(id: string): Value | undefined {
      const value = values.get(id)
      if (value !== undefined) this.set(id, value)
      return value
    },
    set(id: string, value: Value): void {
      values.delete(id)
      values.set(id, value)
      const [oldest] = values.keys()
      if (values.size > max && oldest !== undefined) values.delete(oldest)
    },
  }
}
