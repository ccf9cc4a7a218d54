import { packageBuild } from '../../tsup.shared.js'

export default packageBuild({ entry: [], threads: ['src/index.ts', 'src/reporter.ts'] })
