export type {
  IpfsAdded,
  IpfsAddOptions,
  IpfsCallOptions,
  IpfsCid,
  IpfsContent,
  IpfsFiles,
  IpfsLikeClient,
} from './ipfs-client.js'
export { ipfsSink } from './ipfs-sink.js'
export type {
  IpfsDirectory,
  IpfsDirectoryOptions,
  IpfsDirectoryPicture,
  IpfsSinkOptions,
  PinningServiceOptions,
} from './ipfs-sink-options.js'
