import { packageBuild } from '../../tsup.shared.js'

export default packageBuild({ entry: ['src/index.ts'], threads: ['src/opencv-host.ts', 'src/cameras/opencv-probe.ts'] })
