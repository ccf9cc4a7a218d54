import { run, runNode } from './run.mjs'

/**
 * Runs npm, quietly and without install scripts. Under `npm start` and `npm test` the environment names npm's own program, which spares a lookup and, on Windows, a shell.
 * @param {string} directory where the packages go
 * @param {readonly string[]} args
 */
export function npmInstall(directory, args) {
  const { npm_execpath: program = '' } = process.env
  const quick = ['--fetch-retries=1', '--fetch-retry-mintimeout=2000', '--fetch-retry-maxtimeout=5000']
  const quiet = ['--no-save', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  const all = ['install', '--prefix', directory, ...quiet, ...quick, ...args]
  if (/npm-cli\.js$/.test(program)) return runNode(program, all)
  return run('npm', all, { shell: process.platform === 'win32' })
}

/** Whether npm says that it could not reach the registry. @param {string} output */
export const isOffline = (output) => /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH/.test(output)
