import { packageBuild } from '../../tsup.shared.js'

// The indexes lie beside the code, where users copy them from.
export default { ...packageBuild({ entry: ['src/index.ts'] }), publicDir: 'static' }
