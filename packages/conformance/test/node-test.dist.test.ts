import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const fixture = fileURLToPath(new URL('fixtures/suites-under-node-test.mjs', import.meta.url))

interface Run {
  readonly exitCode: number | null
  readonly output: string
}

/** Runs the fixture with `node --test` and returns its TAP output. */
function runNodeTest(env: NodeJS.ProcessEnv): Promise<Run> {
  return new Promise((resolve) => {
    const { NODE_OPTIONS: _options, NODE_TEST_CONTEXT: _context, ...inherited } = process.env
    const parameters = ['--test', '--test-reporter=tap', fixture]
    const child = execFile(
      process.execPath,
      parameters,
      { env: { ...inherited, ...env }, maxBuffer: 2 ** 26 },
      (_error, stdout, stderr) => resolve({ exitCode: child.exitCode, output: stdout + stderr }),
    )
  })
}

const count = (output: string, name: string) => Number(new RegExp(`^# ${name} (\\d+)$`, 'm').exec(output)?.[1])

describe('the suites under node:test', () => {
  it('pass on correct adapters', async () => {
    const { exitCode, output } = await runNodeTest({})
    expect(exitCode, output.slice(-5000)).toBe(0)
    expect(count(output, 'fail')).toBe(0)
    expect(count(output, 'pass')).toBeGreaterThan(70)
  }, 120_000)

  it('fail on a source that ignores the abort, and say what it should do', async () => {
    const { exitCode, output } = await runNodeTest({ SNAPMINT_BROKEN: '1' })
    expect(exitCode).toBe(1)
    expect(count(output, 'fail')).toBe(4)
    expect(output).toContain('The run should end when the signal aborts while next() is pending')
  }, 120_000)
})
