import type { IpfsLikeClient } from './ipfs-client.js'

/** A service that keeps pictures pinned elsewhere, spoken to by the IPFS Pinning Service API: Pinata, Filebase, IPFS Cluster and others. */
export interface PinningServiceOptions {
  /** Address of the API, without `/pins`, such as `https://api.pinata.cloud/psa`. */
  readonly endpoint: string
  /** The access token, or a function that gets it before each request. One of `token` and `tokenEnv` is needed. */
  readonly token?: string | (() => string | Promise<string>) | undefined
  /** Name of the environment variable that has the access token; read before each request. */
  readonly tokenEnv?: string | undefined
  /** What messages call the service. Default: the host of `endpoint`. */
  readonly name?: string | undefined
  /** How long one put waits until the service says `pinned`, in ms, up to 2³¹ − 1; core bounds the whole put by its own `put.timeoutMs`. Default 45,000. */
  readonly timeoutMs?: number | undefined
  /** How long one request to the service may take, in ms. Default 15,000. */
  readonly requestTimeoutMs?: number | undefined
  /** Time between two questions for the status, in ms. It doubles up to eight times this. Default 500. */
  readonly pollMs?: number | undefined
  /** How often a request that `failed` is made anew within one put. From 0. Default 2. */
  readonly maxRepins?: number | undefined
}

/** One picture of a folder. */
export interface IpfsDirectoryPicture {
  /** Its name in the folder, from 0. */
  readonly index: number
  /** Core's key. */
  readonly key: string
  /** ms since the Unix epoch. */
  readonly captureTime: number
  readonly cid: string
  readonly jobIds: readonly string[]
}

/** A folder that is stored and pinned. */
export interface IpfsDirectory {
  /** The root. */
  readonly cid: string
  /** Of the root, in the form that receipts have. */
  readonly uri: string
  /** In the order of their indices. */
  readonly pictures: readonly IpfsDirectoryPicture[]
}

/** How pictures are gathered into folders. */
export interface IpfsDirectoryOptions {
  /** A folder of so many pictures is stored at once. From 1 to 1000. Default 32. It is also the sink's `maxInFlight`. */
  readonly maxPictures?: number | undefined
  /** How long the first picture of a folder waits for others, in ms. Well below core's `put.timeoutMs`. Default 1000. */
  readonly maxWaitMs?: number | undefined
}

export interface IpfsSinkOptions {
  /** Address of a node's RPC API, with or without the `/api/v0` at its end. Default `http://127.0.0.1:5001`. */
  readonly url?: string | undefined
  /** `Authorization` header of every request to the node, such as `Bearer …` or `Basic …`. Default: none. */
  readonly authorization?: string | undefined
  /**
   * A client of yours, of `kubo-rpc-client` or `ipfs-http-client`. Default: one of `kubo-rpc-client` for `url`, which the sink makes at the first put.
   */
  readonly client?: IpfsLikeClient | undefined
  /** Default 1. */
  readonly cidVersion?: 0 | 1 | undefined
  /** Leaves without a wrapping, so that a small picture's CID is the hash of its bytes. Default: true, and false with `cidVersion: 0`, which has no such leaves. */
  readonly rawLeaves?: boolean | undefined
  /** `size-<bytes>`: how large the blocks of a file are, from 1 to 1,048,576. Default `size-262144`. */
  readonly chunker?: string | undefined
  /**
   * Ask the node, before a put is acknowledged, whether it has pinned the picture. Kubo answers an add before it pins; an error of that is in a trailer, which no client reads. Default
   * true; false saves a request, and believes.
   */
  readonly verify?: boolean | undefined
  /**
   * Receipts name an address at this gateway instead of `ipfs://…`: `https://ipfs.example` gives `https://ipfs.example/ipfs/<cid>`, and
   * `https://{cid}.ipfs.example` puts the CID where the placeholder is. Default: none.
   */
  readonly gateway?: string | undefined
  /**
   * Name of each picture in the node's own file system, such as `/snapmint/{key}`; see `parseKeyTemplate` for the placeholders. A different file of this name is
   * replaced. Default: none.
   */
  readonly mfsPath?: string | undefined
  /** Constants for `mfsPath`, by name. */
  readonly constants?: Readonly<Record<string, string>> | undefined
  /** Gather the pictures that are put at the same time into folders `0` … `n-1`. `{}` takes the defaults. Default: each picture stands alone. */
  readonly directory?: IpfsDirectoryOptions | undefined
  /**
   * Told of each folder that is stored and pinned, before its puts are acknowledged. If it throws or rejects, they fail and are tried again, and it hears of the same folder
   * again; of the same pictures in another folder only when the process was started anew, or the node has lost the folder. Default: nobody.
   */
  readonly onDirectory?: ((directory: IpfsDirectory) => unknown) | undefined
  /** Each of them must say `pinned` before a put is acknowledged. Default: none. */
  readonly pinningServices?: readonly PinningServiceOptions[] | undefined
  /** Puts at the same time; with `directory`, its `maxPictures`. Default 8. */
  readonly maxInFlight?: number | undefined
  /** How long one request to the node may take, in ms, up to 2³¹ − 1; core bounds the whole put by its own `put.timeoutMs`. Default 60,000. */
  readonly timeoutMs?: number | undefined
  /** Speaks to the pinning services. Default `globalThis.fetch`. */
  readonly fetch?: typeof fetch | undefined
}
