/** Of a CID the sink needs its text. */
export interface IpfsCid {
  toString(): string
}

export interface IpfsCallOptions {
  readonly signal: AbortSignal
}

/** How content is turned into blocks, and what becomes of them. Everything that the CID depends on is said, so that no setting of the node decides it. */
export interface IpfsAddOptions extends IpfsCallOptions {
  readonly cidVersion: 0 | 1
  readonly rawLeaves: boolean
  /** `size-<bytes>`. */
  readonly chunker: string
  readonly hashAlg: 'sha2-256'
  /** Links of one block of a large file. Newer nodes have a setting for it; older ones know no other number. */
  readonly maxFileLinks: number
  /** Kubo has a setting for it, too. */
  readonly trickle: false
  readonly pin: boolean
  readonly wrapWithDirectory: boolean
}

/** `path` is empty for a single file. The client reads the bytes, and never writes them. */
export interface IpfsContent {
  readonly path?: string
  readonly content: Uint8Array<ArrayBuffer>
}

/** One line of the answer to an add; the folder itself has an empty `path`. */
export interface IpfsAdded {
  readonly path: string
  readonly cid: IpfsCid
}

/** The node's own file system (MFS), in which folders and files have names. */
export interface IpfsFiles {
  /** Rejects when there is nothing under `path`. */
  stat(path: string, options: IpfsCallOptions): Promise<{ readonly cid: IpfsCid; readonly type?: string }>
  cp(from: string, to: string, options: IpfsCallOptions & { readonly parents: boolean }): Promise<unknown>
  mv(from: string, to: string, options: IpfsCallOptions): Promise<unknown>
  rm(path: string, options: IpfsCallOptions): Promise<unknown>
}

/**
 * What the sink needs of a client: `create({ url })` of `kubo-rpc-client` or of `ipfs-http-client` is one, an object literal in a test another. Each method rejects with
 * the client's own errors (`response.status` and the node's message, or a `code` such as `ECONNREFUSED`) and ends when its `signal` aborts.
 */
export interface IpfsLikeClient {
  addAll(source: Iterable<IpfsContent>, options: IpfsAddOptions): AsyncIterable<IpfsAdded>
  readonly pin: {
    /** Rejects, or yields nothing, when it is not pinned in this way. */
    ls(
      options: IpfsCallOptions & { readonly paths: string; readonly type: 'recursive' },
    ): AsyncIterable<{ readonly cid: IpfsCid }>
  }
  /** Only `mfsPath` needs it. */
  readonly files?: IpfsFiles
  /** The node's addresses, which pinning services are told to fetch from. */
  id?(options: IpfsCallOptions): Promise<{ readonly addresses?: Iterable<{ toString(): string }> }>
}
