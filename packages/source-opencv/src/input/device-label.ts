/** Up to the last `@`, since a password may contain `/`, `?` and `@`: rather too much than too little. */
const userInfo = /^([a-z][a-z0-9+.-]*:\/\/).*@/is

/** The device as messages show it: the user, the password and the query of a URL are left out, for they hold secrets. */
export function deviceLabel(device: number | string): string {
  if (typeof device === 'number') return `camera ${device}`
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(device)) return `"${device}"`
  return `"${device.replace(userInfo, '$1***@').replace(/[?&].*$/s, '?***')}"`
}
