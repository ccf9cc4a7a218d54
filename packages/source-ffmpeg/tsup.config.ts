import { packageBuild } from '../../tsup.shared.js'

export default packageBuild({ entry: ['src/index.ts', 'src/onvif/onvif.ts'], threads: ['src/ffmpeg-host.ts'] })
