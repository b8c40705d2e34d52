/** Turns texts into vectors of one length. Rejects with a `PortError` where it can't. */
export interface Embedder {
  /** Model name and the digest or revision of its weights: part of an index version. */
  readonly id: string;
  /** Length of every vector. */
  readonly dimension: number;
  /** The longest text in tokens that is read whole; the rest of a longer one is not seen. */
  readonly maximumTokens: number;
  /** Vectors of length 1 in the order of the texts, so that their dot product is their cosine. */
  embed(input: { texts: readonly string[]; signal?: AbortSignal }): Promise<Float32Array[]>;
}

/** Loads an embedder when the first text is to be embedded: who embeds nothing pays nothing. Asked again, it is the same. */
export type OpenEmbedder = () => Promise<Embedder>;
