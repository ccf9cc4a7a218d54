import { describe as nodeDescribe, it as nodeIt } from 'node:test'

/** Nothing that works takes so long, on an emulated processor either. */
const testTimeoutMs = 400_000

const wanted = (process.env.SNAPMINT_V4L2_ONLY ?? '').toLowerCase()

/** Was exactly this asked for, and not everything? For what takes too long to be run each time. */
export const isAskedFor = (title: string) => wanted.startsWith(title)

export type It = (title: string, body: () => Promise<void>) => void

/** @param define gets an `it` whose titles begin with `name`, as results have no other way to tell which suite a test is of. */
export function suite(name: string, define: (it: It) => void): void {
  nodeDescribe(name, { concurrency: 1 }, () => {
    define((title, body) => {
      const whole = `${name} › ${title}`
      // A pattern given to Node.js would count the others as skipped.
      if (whole.toLowerCase().includes(wanted)) nodeIt(whole, { timeout: testTimeoutMs }, body)
    })
  })
}

/** Suites that run side by side: the machine has two processors, and most of a test is waiting for one. */
export function sideBySide(define: () => void): void {
  nodeDescribe('side by side', { concurrency: true }, define)
}
