import { LRUCache } from 'lru-cache';
import type { Embedder, OpenEmbedder } from '../activities/embedder-port.js';
import { sha256Hex } from '../domain/release/evidence.js';

/** Texts whose vectors are kept: some 30 MB of MiniLM's. */
const mostTexts = 20_000;

/** Embeds a text once: questions repeat, and so do the snippets that answers are held against. */
export class CachedEmbedder implements Embedder {
  readonly id: string;
  readonly dimension: number;
  readonly maximumTokens: number;
  private readonly vectors = new LRUCache<string, Float32Array>({ max: mostTexts });

  constructor(private readonly embedder: Embedder) {
    ({ id: this.id, dimension: this.dimension, maximumTokens: this.maximumTokens } = embedder);
  }

  async embed({ texts, signal }: { texts: readonly string[]; signal?: AbortSignal }): Promise<Float32Array[]> {
    const keys = texts.map(sha256Hex);
    // Taken before anything is waited for: with many texts the cache may let go of what it has meanwhile.
    const known = keys.map((key) => this.vectors.get(key));
    const missing = [...new Set(texts.filter((_, index) => known[index] === undefined))];
    const embedded =
      missing.length === 0 ? [] : await this.embedder.embed({ texts: missing, ...(signal && { signal }) });
    const fresh = new Map(missing.map((text, index) => [text, embedded[index]!]));
    for (const [text, vector] of fresh) this.vectors.set(sha256Hex(text), vector);
    return texts.map((text, index) => known[index] ?? fresh.get(text)!);
  }
}

/** Opens an embedder that keeps what it has embedded. */
export function cachedEmbedder(open: OpenEmbedder | null): OpenEmbedder | null {
  if (open === null) return null;
  let cached: Promise<Embedder> | null = null;
  return () => {
    cached ??= open()
      .then((embedder) => new CachedEmbedder(embedder))
      .catch((error: unknown) => {
        cached = null;
        throw error;
      });
    return cached;
  };
}
