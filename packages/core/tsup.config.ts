import { packageBuild } from '../../tsup.shared.js'

export default packageBuild({
  entry: ['src/index.ts', 'src/adapter.ts'],
  threads: ['src/capture/capture-worker.ts', 'src/capture/capture-child.ts'],
})
